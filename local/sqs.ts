import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import * as v from 'valibot'
import { listen, readBody, type StandIn } from './stand-in'

const SendMessage = v.pipe(v.string(), v.parseJson(), v.object({ QueueUrl: v.string(), MessageBody: v.string() }))

export interface SqsOptions {
  /** 0 takes any free port. */
  readonly port: number
  readonly onMessage: (body: string, queueUrl: string) => void
}

/** Starts a stand-in for Amazon SQS that takes messages, in the JSON protocol, and keeps none: its owner hears of each. */
export function startSqs({ port, onMessage }: SqsOptions): Promise<StandIn> {
  const server = createServer((request, response) => {
    readBody(request).then(
      (text) => {
        const input = v.safeParse(SendMessage, text)
        const isSend = request.headers['x-amz-target'] === 'AmazonSQS.SendMessage'
        if (!isSend || !input.success) {
          response.writeHead(400).end(JSON.stringify({ __type: 'com.amazonaws.sqs#UnsupportedOperation' }))
          return
        }
        const { QueueUrl, MessageBody } = input.output
        onMessage(MessageBody, QueueUrl)
        const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex')
        response.end(JSON.stringify({ MessageId: randomUUID(), MD5OfMessageBody }))
      },
      () => response.destroy(), // the client left before it had sent everything
    )
  })
  return listen(server, port)
}
