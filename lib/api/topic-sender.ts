import { snsTopics } from '../resources'

/**
 * Makes a sender to an SNS topic of the application's own, for work that another function does: over the core's small client, which
 * loads faster than the SDK's. It resolves once SNS has the message, and throws an AwsCallError if SNS does not take it.
 */
export function topicSender(topicArn: string): (message: unknown) => Promise<void> {
  return snsTopics().to(topicArn)
}
