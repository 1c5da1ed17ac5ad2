import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns'
import { AwsCallError } from '../errors'

/** What a Lambda that an SNS topic triggers receives, as far as it is read here. */
export interface SnsEvent {
  readonly Records: readonly { readonly Sns: { readonly Message: string } }[]
}

/** Puts a message on an SNS topic: it resolves once SNS has it, and throws an AwsCallError if SNS does not take it. */
export type SendToSnsTopic = (message: unknown) => Promise<void>

/** A sender to one SNS topic. SNS takes up to 256 KiB a message ("Amazon SNS message quotas"). */
export function snsTopicSender({ sns, topicArn }: { sns: SNSClient; topicArn: string }): SendToSnsTopic {
  return async (message) => {
    try {
      await sns.send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(message) }))
    } catch (cause) {
      throw new AwsCallError({ service: 'SNS', operation: 'Publish', cause })
    }
  }
}
