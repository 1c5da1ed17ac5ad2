import { randomUUID } from 'node:crypto'
import { SNSClient } from '@aws-sdk/client-sns'
import type { GraphqlContext } from '../schema/context'
import { snsTopicSender } from './events/sns-topic'

/** What resolvers get where mutations run: a sender to the SNS topic of requests, the clock, and ids. */
export function createGraphqlContext({ requestsTopicArn }: { requestsTopicArn: string }): GraphqlContext {
  return {
    requestTranslations: snsTopicSender({ sns: new SNSClient({}), topicArn: requestsTopicArn }),
    newId: randomUUID,
    now: () => new Date(),
  }
}
