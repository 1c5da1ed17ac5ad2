import { randomUUID } from 'node:crypto'
import { SNSClient } from '@aws-sdk/client-sns'
import type { Identity } from './authentication/identity'
import type { GraphqlContext } from '../schema/context'
import { snsTopicSender } from './events/sns-topic'

/**
 * What resolvers get where operations run: who asks, a sender to the SNS topic of requests, the clock, and ids. The sender is
 * made once, the context for each operation.
 */
export function graphqlContexts({
  requestsTopicArn,
}: {
  requestsTopicArn: string
}): (identity: Identity | undefined) => GraphqlContext {
  const requestTranslations = snsTopicSender({ sns: new SNSClient({}), topicArn: requestsTopicArn })
  return (identity) => ({ identity, requestTranslations, newId: randomUUID, now: () => new Date() })
}
