import { randomUUID } from 'node:crypto'
import { messagesTable, snsTopics } from '../lib/handlers/resources'
import { createLogReader, readEvents } from '../lib/history/read'
import type { Identity } from '../lib/identity'
import { logger } from '../lib/observability/logger'
import type { TranslationRequest } from '../translation/translation-request'
import type { GraphqlContext, WantedMessages } from './context'
import { parseLoggedMessageEvent } from './message-event'

/**
 * What resolvers get where operations run: who asks, a sender to the SNS topic of requests, a reader of the messages table, the
 * clock, and ids. Sender and reader are made once, the context for each operation.
 */
export function graphqlContexts({
  requestsTopicArn,
}: {
  requestsTopicArn: string
}): (identity: Identity | undefined) => GraphqlContext & Readonly<Record<string, unknown>> {
  const send = snsTopics().to(requestsTopicArn)
  const reader = createLogReader({ table: messagesTable() })
  const requestTranslations = async (request: TranslationRequest) => {
    await send(request)
    logger.info('Accepted a message.', { correlation_id: request.id })
  }
  const readMessages = async (wanted: WantedMessages) => (await readEvents(wanted, reader)).map(parseLoggedMessageEvent)
  return (identity) => ({ identity, requestTranslations, readMessages, newId: randomUUID, now: () => new Date() })
}
