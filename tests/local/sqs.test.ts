import { expect, it } from '@jest/globals'
import { sqsQueueSender } from '../../lib/aws/sqs-queue'
import { startSqs } from '../../lib/local/sqs'

const credentials = () => ({ accessKeyId: 'local', secretAccessKey: 'local' })

async function startQueue(onMessage: (body: string) => void) {
  const sqs = await startSqs({ port: 0, secondMs: 50, onMessage })
  const send = sqsQueueSender({ queueUrl: `${sqs.endpoint}/000000000000/queue`, region: 'local', credentials })
  return { send, close: () => sqs.close() }
}

it('The local SQS delivers a message after its delay, unless it is closed by then', async () => {
  const delivered: string[] = []
  const closed = await startQueue((body) => delivered.push(body))
  await closed.send('to the closed one', 1)
  await closed.close()
  await new Promise<void>((resolve, reject) => {
    const open = startQueue((body) => {
      delivered.push(body)
      open.then(({ close }) => close()).then(resolve, reject)
    })
    open.then(({ send }) => send('to the open one', 2)).catch(reject)
  })
  expect(delivered).toEqual(['"to the open one"'])
})
