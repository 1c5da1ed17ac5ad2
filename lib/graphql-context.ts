import { randomUUID } from 'node:crypto'
import type { GraphqlContext } from '../schema/context'
import { awsServices } from './aws/services'
import { snsTopicSenders } from './events/sns-topic'

/** What resolvers get where mutations run: a sender to the SNS topic of requests, the clock, and ids. */
export function createGraphqlContext({ requestsTopicArn }: { requestsTopicArn: string }): GraphqlContext {
  return {
    requestTranslations: snsTopicSenders(awsServices().at('sns')).to(requestsTopicArn),
    newId: randomUUID,
    now: () => new Date(),
  }
}
