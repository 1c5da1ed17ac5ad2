import { randomUUID } from 'node:crypto'
import { SNSClient } from '@aws-sdk/client-sns'
import type { Identity } from './authentication/identity'
import type { GraphqlContext } from '../schema/context'
import { snsTopicSender } from './events/sns-topic'
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
  const send = snsTopicSender({ sns: new SNSClient({}), topicArn: requestsTopicArn })
  const requestTranslations = async (request: TranslationRequest) => {
    await send(request)
    log.info('Accepted a message.', { correlation_id: request.id })
  }
  return (identity) => ({ identity, requestTranslations, newId: randomUUID, now: () => new Date() })
}
