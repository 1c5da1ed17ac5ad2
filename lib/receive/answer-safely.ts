import { logger, logMaskedError } from '../observability/logger'
import { maskedError } from '../operations/masked-errors'
import { type ClientMessage, dialectOf } from '../protocol/client-message'
import type { Answer } from '../protocol/dialect'
import { dialects } from '../protocol/dialects'
import { receiveMessage } from './receive-message'
import type { ReceivedMessage, Receiver } from './receiver'

/**
 * Answers a message and never throws. If a handler threw, API Gateway would send a frame of its own, which
 * subscriptions-transport-ws cannot parse, and the operation would hang. So an internal failure, or one of AWS, becomes
 * an error in the dialect of the message, with an id that is also in the log.
 */
export async function answerSafely(received: ReceivedMessage, receiver: Receiver): Promise<Answer> {
  const { connectionId, message } = received
  const answer = await receiveMessage(received, receiver).catch((error: unknown) => answerFailure(error, message))
  if (answer.close) logger.info('Closing a connection.', { connectionId, ...answer.close })
  return answer
}

/**
 * Logs a failure and answers the message with an error that contains only the id of the log line. A GraphQLError
 * reaches the client unchanged.
 */
export function answerFailure(error: unknown, message: ClientMessage): Answer {
  const failure = maskedError(error, logMaskedError)
  const dialectName = dialectOf(message)
  // A frame in a dialect that the client does not speak would stop it from reconnecting.
  if (dialectName === undefined) return { frames: [], close: { code: 1011, reason: failure.message, isDelayed: true } }
  const dialect = dialects[dialectName]
  return 'request' in message ? dialect.refusal(message.id, failure) : dialect.failure(failure)
}
