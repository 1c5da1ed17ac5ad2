import { parseArgs } from 'node:util'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { messageOf } from '../lib/errors'
import { type FailedEvent, readFailedEvent } from './failed-event'
import { describeFailedEvent, sendFailedEvent, type Senders } from './send-failed-event'

/**
 * `npm run failed -- <queue url> [--send-again]`: lists the events that functions failed to handle for good, or that
 * SNS could not deliver to them, without their content. With `--send-again`, each event is sent to its function again
 * and leaves the queue once Lambda has accepted it. An event that is not accepted stays, and the command continues with
 * the others. It uses the caller's AWS credentials and region.
 */
const receiving = {
  MaxNumberOfMessages: 10,
  VisibilityTimeout: 60,
  WaitTimeSeconds: 5, // long polling: without it, SQS asks only some of its servers and may miss messages
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { 'send-again': { type: 'boolean', default: false } },
  })
  const [QueueUrl] = positionals
  if (QueueUrl === undefined)
    throw new Error(
      'Usage: npm run failed -- <queue url> [--send-again]. The output FailedEventsUrl of the stack is the queue url.',
    )
  const sqs = new SQSClient({})
  const senders = sendersThroughAws()
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...receiving }))
    if (Messages.length === 0) return
    for (const { Body = '', ReceiptHandle, MessageId = '' } of Messages) {
      const failed = readIfKnown(Body)
      console.log(
        `${MessageId}  ${failed ? describeFailedEvent(failed) : 'Unknown message: neither Lambda nor SNS sent it.'}`,
      )
      if (!values['send-again']) continue
      try {
        if (!failed) throw new Error('its receiver is unknown.')
        await sendFailedEvent(failed, senders)
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
      } catch (error) {
        console.error(`${MessageId}  It stays in the queue: ${messageOf(error)}`)
        process.exitCode = 1
      }
    }
  }
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

main().catch((error: unknown) => {
  console.error(messageOf(error))
  process.exitCode = 1
})
