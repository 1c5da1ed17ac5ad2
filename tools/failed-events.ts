import { parseArgs } from 'node:util'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { readFailedEvent } from './failed-event'

/**
 * `npm run failed -- <queue url> [--send-again]`: lists the events that functions failed to handle for good, without their content;
 * with `--send-again` each goes to its function once more, and leaves the queue when Lambda has taken it. The caller's AWS
 * credentials and region are used.
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
  const lambda = new LambdaClient({})
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: hideSeconds })
    const { Messages = [] } = await sqs.send(receive)
    if (Messages.length === 0) return
    for (const { Body = '', ReceiptHandle, MessageId } of Messages) {
      const { functionArn, why, event } = readFailedEvent(Body)
      console.log(`${String(MessageId)}  ${functionArn}  ${why}`)
      if (!values['send-again']) continue
      const Payload = JSON.stringify(event)
      await lambda.send(new InvokeCommand({ FunctionName: functionArn, InvocationType: 'Event', Payload }))
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    }
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
