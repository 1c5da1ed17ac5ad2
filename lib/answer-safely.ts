import { randomUUID } from 'node:crypto'
import { log, logMaskedError } from './log'
import { internalError } from './operations/masked-errors'
import { dialectOf, parseClientMessage } from './protocol/client-message'
import type { Answer } from './protocol/dialect'
import { dialects } from './protocol/dialects'
import { receiveMessage, type ReceivedMessage, type Receiver } from './receive-message'

/**
 * Answers a message whatever happens. If a handler throws, API Gateway answers the client in its own words, which
 * subscriptions-transport-ws cannot parse: the operation hangs. So a failure of ours or of AWS becomes an error in the dialect
 * of the message, with an id that is also in the log.
 */
export async function answerSafely(received: ReceivedMessage, receiver: Receiver): Promise<Answer> {
  try {
    const answer = await receiveMessage(received, receiver)
    if (answer.close) log.info('Closing a connection.', { connectionId: received.connectionId, ...answer.close })
    return answer
  } catch (error) {
    const id = randomUUID()
    logMaskedError(error instanceof Error ? error : new Error(String(error)), id)
    const message = parseClientMessage(received.text, { maxIdBytes: receiver.limits.maxOperationIdBytes })
    const dialect = dialects[dialectOf(message) ?? 'legacy']
    const failure = internalError(id)
    return 'id' in message && message.id !== undefined
      ? dialect.refusal(message.id, failure)
      : dialect.protocolError(undefined, failure.message)
  }
}
