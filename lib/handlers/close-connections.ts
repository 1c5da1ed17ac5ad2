import { required } from '../environment'
import { closingOf } from '../gateway/close-later'
import type { SqsBatchResponse, SqsEvent } from '../gateway/events'
import { logger } from '../observability/logger'
import { connections } from '../resources'

const callbackUrl = required('CALLBACK_URL')

/**
 * Closes connections whose delay is over. SQS redelivers those that could not be closed. Throws if none of them could,
 * so that an alarm notices.
 */
export async function handler({ Records }: SqsEvent): Promise<SqsBatchResponse> {
  const outcomes = await Promise.all(
    Records.map(async ({ messageId, body }) => {
      const outcome = await connections().close({ callbackUrl, connectionId: closingOf(body) })
      return { messageId, ...outcome }
    }),
  )
  const failed = outcomes.filter(({ kind }) => kind !== 'delivered' && kind !== 'gone')
  if (failed.length > 0) logger.error('Connections could not be closed.', { failed })
  if (failed.length === Records.length) throw new Error('No connection could be closed.')
  return { batchItemFailures: failed.map(({ messageId: itemIdentifier }) => ({ itemIdentifier })) }
}
