import { parseArgs } from 'node:util'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns'
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { readFailedEvent } from './failed-event'
import { describeFailedEvent, sendFailedEvent, type Senders, undeliveredQueueUrl } from './send-failed-event'

/**
 * `npm run failed -- <queue url> [--send-again]`: lists the events that functions failed to handle for good, or that SNS could not
 * hand to them, without their content; with `--send-again` each goes to its function once more, and leaves the queue when Lambda
 * has taken it. The caller's AWS credentials and region are used.
 */
const hideSeconds = 60

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { 'send-again': { type: 'boolean', default: false } },
  })
  const [QueueUrl] = positionals
  if (QueueUrl === undefined) throw new Error('Name the queue: the output FailedEventsUrl of the stack has its URL.')
  const sqs = new SQSClient({})
  const senders = sendersThrough({ sqs, undeliveredUrl: undeliveredQueueUrl(QueueUrl) })
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: hideSeconds })
    const { Messages = [] } = await sqs.send(receive)
    if (Messages.length === 0) return
    for (const { Body = '', ReceiptHandle, MessageId } of Messages) {
      const failed = readFailedEvent(Body)
      console.log(`${String(MessageId)}  ${describeFailedEvent(failed)}`)
      if (!values['send-again']) continue
      await sendFailedEvent(failed, senders)
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    }
  }
}

function sendersThrough({ sqs, undeliveredUrl }: { sqs: SQSClient; undeliveredUrl: string }): Senders {
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
    async keepUndelivered(MessageBody) {
      await sqs.send(new SendMessageCommand({ QueueUrl: undeliveredUrl, MessageBody }))
    },
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
