import { randomUUID } from 'node:crypto'
import { defineApi, logger, required, topicSender } from 'serverless-graphql-subscriptions'
import type { TranslationRequest } from '../translation/translation-request'
import type { GraphqlContext } from './context'
import { typeDefs } from './generated'
import { resolvers } from './resolvers'

/** The chat. */
export const api = defineApi<GraphqlContext>({
  typeDefs,
  resolvers,
  context: ({ identity, read, publish }) => ({
    identity,
    read,
    publish,
    requestTranslations,
    newId: randomUUID,
    now: () => new Date(),
  }),
})

let send: ((message: unknown) => Promise<void>) | undefined

async function requestTranslations(request: TranslationRequest): Promise<void> {
  send ??= topicSender(required('REQUESTS_TOPIC_ARN'))
  await send(request)
  logger.info('Accepted a message.', { correlation_id: request.id })
}
