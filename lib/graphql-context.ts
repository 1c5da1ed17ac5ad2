import { randomUUID } from 'node:crypto'
import type { Identity } from './authentication/identity'
import type { GraphqlContext } from '../schema/context'
import { awsServices } from './aws/services'
import { snsTopicSenders } from './events/sns-topic'
import type { TranslationRequest } from './events/translation-request'
import { log } from './log'

/**
 * What resolvers get where operations run: who asks, a sender to the SNS topic of requests, the clock, and ids. The sender is
 * made once, the context for each operation.
 */
export function graphqlContexts({
  requestsTopicArn,
}: {
  requestsTopicArn: string
}): (identity: Identity | undefined) => GraphqlContext {
  const send = snsTopicSenders(awsServices().at('sns')).to(requestsTopicArn)
  const requestTranslations = async (request: TranslationRequest) => {
    await send(request)
    log.info('Accepted a message.', { correlation_id: request.id })
  }
  return (identity) => ({ identity, requestTranslations, newId: randomUUID, now: () => new Date() })
}
