import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns'
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { messageOf } from '../errors'
import { type FailedEvent, readFailedEvent } from './failed-event'
import { describeFailedEvent, sendFailedEvent, type Senders } from './send-failed-event'

const receiving = {
  MaxNumberOfMessages: 10,
  VisibilityTimeout: 60,
  WaitTimeSeconds: 5, // long polling: without it, SQS asks only some of its servers and may miss messages
  MessageSystemAttributeNames: ['SentTimestamp' as const],
}

/**
 * Prints the events that functions failed to handle for good, or that SNS could not deliver to them: the id, the
 * function and the reason, without the event. With `sendAgain`, it sends each event to its function again, and deletes
 * it from the queue once Lambda has accepted it. An event that is not accepted stays. So does one that arrived after
 * the start, because it may have been sent a moment ago and refused again. The next command finds them at once.
 *
 * It uses the AWS credentials and the region of the shell. Rejects with the SDK's error if the queue cannot be read.
 *
 * @param queueUrl the output `FailedEventsUrl` of the stack
 * @returns whether every event that should be sent was accepted
 */
export async function failed(queueUrl: string, { sendAgain }: { readonly sendAgain: boolean }): Promise<boolean> {
  const startedAtMs = Date.now()
  const sqs = new SQSClient({})
  const senders = sendersThroughAws()
  /** The receipt handles of the messages that stay in the queue, by id. */
  const staying = new Map<string, string | undefined>()
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, ...receiving }))
    // A message that stays is visible again once its time-out is over.
    const unseen = Messages.filter(({ MessageId = '' }) => !staying.has(MessageId))
    if (unseen.length === 0) break
    for (const { Body = '', ReceiptHandle, MessageId = '', Attributes } of unseen) {
      staying.set(MessageId, ReceiptHandle)
      const event = readIfKnown(Body)
      console.log(
        `${MessageId}  ${event ? describeFailedEvent(event) : 'Unknown message: neither Lambda nor SNS sent it.'}`,
      )
      if (!sendAgain) continue
      try {
        if (!event) throw new Error('its receiver is unknown.')
        if (Number(Attributes?.SentTimestamp) > startedAtMs)
          throw new Error('it arrived after this command had started.')
        await sendFailedEvent(event, senders)
        await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }))
        staying.delete(MessageId)
      } catch (error) {
        console.error(`${MessageId}  It stays in the queue: ${messageOf(error)}`)
      }
    }
  }
  // For the next command. Where this is not permitted, SQS shows them after their time-out.
  const show = { QueueUrl: queueUrl, VisibilityTimeout: 0 }
  await Promise.allSettled(
    [...staying.values()].map((ReceiptHandle) =>
      sqs.send(new ChangeMessageVisibilityCommand({ ...show, ReceiptHandle })),
    ),
  )
  return !sendAgain || staying.size === 0
}

function readIfKnown(body: string): FailedEvent | undefined {
  try {
    return readFailedEvent(body)
  } catch {
    return undefined // the error would reveal the content
  }
}

function sendersThroughAws(): Senders {
  const lambda = new LambdaClient({})
  const sns = new SNSClient({})
  return {
    async invoke(FunctionName, event) {
      const Payload = JSON.stringify(event)
      await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }))
    },
    async functionsHearing(TopicArn) {
      const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn })) // up to a hundred
      return Subscriptions.flatMap(({ Protocol, SubscriptionArn: subscriptionArn, Endpoint: functionArn }) =>
        Protocol === 'lambda' && subscriptionArn && functionArn ? [{ subscriptionArn, functionArn }] : [],
      )
    },
  }
}
