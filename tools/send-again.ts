import { awsServices } from '../lib/aws/services'
import { createQueue } from '../lib/aws/sqs'
import { snsTopicSenders } from '../lib/aws/sns-topic'
import { sendAgain } from '../lib/publisher/send-again'

/**
 * `npm run send-again -- <UndeliveredQueueUrl> <LeftoversTopicArn>`: sends the dead letters to the publishers again. Both are
 * outputs of the stack. It needs AWS_REGION, and credentials that may receive and delete there and publish here. Exits with 1 if
 * anything stays.
 */
const [queueUrl, topicArn] = process.argv.slice(2)

async function main(): Promise<void> {
  if (queueUrl === undefined || topicArn === undefined) {
    throw new Error('Say from where to where: npm run send-again -- <UndeliveredQueueUrl> <LeftoversTopicArn>')
  }
  const aws = awsServices()
  const queue = createQueue({ queueUrl, ...aws })
  const sns = snsTopicSenders(aws.at('sns'))
  const sent = await sendAgain({
    queue,
    handOn: sns.to(topicArn),
    onUnreadable: (body) => {
      console.error(`This is no dead letter of a publisher, and stays in the queue: ${body.slice(0, 200)}`)
      process.exitCode = 1
    },
  })
  console.log(`Sent ${sent} again.`)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
