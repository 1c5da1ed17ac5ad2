import { randomUUID } from 'node:crypto'
import type { Identity } from '../lib/identity'
import type { GraphqlContext, WantedMessages } from './context'
import { createDynamoDb } from '../lib/aws/dynamodb'
import { awsServices } from '../lib/aws/services'
import { createTable } from '../lib/aws/table'
import { parseLoggedMessageEvent } from './message-event'
import { snsTopicSenders } from '../lib/aws/sns-topic'
import type { TranslationRequest } from '../translation/translation-request'
import { logger } from '../lib/observability/logger'
import { createLogReader, readEvents } from '../lib/history/read'

/**
 * What resolvers get where operations run: who asks, a sender to the SNS topic of requests, a reader of the messages table, the
 * clock, and ids. Sender and reader are made once, the context for each operation.
 */
export function graphqlContexts({
  requestsTopicArn,
  messagesTable,
}: {
  requestsTopicArn: string
  messagesTable: string
}): (identity: Identity | undefined) => GraphqlContext {
  const aws = awsServices()
  const send = snsTopicSenders(aws.at('sns')).to(requestsTopicArn)
  const dynamoDb = createDynamoDb(aws.at('dynamodb'))
  const reader = createLogReader({ table: createTable({ dynamoDb, tableName: messagesTable }) })
  const requestTranslations = async (request: TranslationRequest) => {
    await send(request)
    logger.info('Accepted a message.', { correlation_id: request.id })
  }
  const readMessages = async (wanted: WantedMessages) => (await readEvents(wanted, reader)).map(parseLoggedMessageEvent)
  return (identity) => ({ identity, requestTranslations, readMessages, newId: randomUUID, now: () => new Date() })
}
