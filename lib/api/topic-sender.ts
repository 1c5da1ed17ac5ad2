import { snsTopics } from '../resources'

/**
 * Creates a sender to an SNS topic of the application, to hand work to another function. It uses the core's SNS client,
 * which loads faster than the AWS SDK's. The sender resolves once SNS has accepted the message, and throws an
 * AwsCallError if SNS rejects it.
 */
export function topicSender(topicArn: string): (message: unknown) => Promise<void> {
  return snsTopics().to(topicArn)
}
