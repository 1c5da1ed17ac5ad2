import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { messageOf } from '../lib/errors'
import { type Queue, sendAgain } from '../lib/publisher/send-again'

/**
 * `npm run send-again -- <UndeliveredQueueUrl> <LeftoversTopicArn>`: sends the dead letters to the publishers again. Both are
 * outputs of the stack. It needs AWS_REGION, and credentials that may receive and delete there and publish here. Exits with 1 if
 * anything stays.
 */
const [QueueUrl, TopicArn] = process.argv.slice(2)

async function main(): Promise<void> {
  if (QueueUrl === undefined || TopicArn === undefined) {
    throw new Error('Usage: npm run send-again -- <UndeliveredQueueUrl> <LeftoversTopicArn>')
  }
  const sns = new SNSClient({})
  const sent = await sendAgain({
    queue: queueAt(QueueUrl),
    handOn: async (task) => {
      await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(task) }))
    },
    onUnreadable: (body) => {
      console.error(`This is no dead letter of a publisher, and stays in the queue: ${body.slice(0, 200)}`)
      process.exitCode = 1
    },
  })
  console.log(`Sent ${sent} again.`)
}

function queueAt(QueueUrl: string): Queue {
  const sqs = new SQSClient({})
  // Without waiting, SQS asks only some of its servers, and may find nothing though there is something.
  const receiving = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 }
  return {
    async receive() {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(receiving))
      return Messages.map(({ Body: body = '', ReceiptHandle: receipt = '' }) => ({ body, receipt }))
    },
    async delete({ receipt: ReceiptHandle }) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    },
  }
}

main().catch((error: unknown) => {
  console.error(messageOf(error))
  process.exitCode = 1
})
