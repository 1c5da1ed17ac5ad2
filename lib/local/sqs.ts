import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import * as v from 'valibot'
import { listen, readBody, type StandIn } from './stand-in'

const SendMessage = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ QueueUrl: v.string(), MessageBody: v.string(), DelaySeconds: v.optional(v.number(), 0) }),
)

export interface SqsOptions {
  /** 0 takes any free port. */
  readonly port: number
  readonly onMessage: (body: string, queueUrl: string) => void
  /** How long a second of a message's delay lasts; 1,000 if left out. */
  readonly secondMs?: number
}

/** What a Lambda gets that a queue triggers: one message. */
export function sqsEvent(body: string): { readonly Records: readonly [{ messageId: string; body: string }] } {
  return { Records: [{ messageId: randomUUID(), body }] }
}

/** Starts a stand-in for Amazon SQS that takes messages, in the JSON protocol, and keeps none: its owner hears of each, after its delay. */
export function startSqs({ port, onMessage, secondMs = 1_000 }: SqsOptions): Promise<StandIn> {
  const server = createServer((request, response) => {
    readBody(request).then(
      (text) => {
        const input = v.safeParse(SendMessage, text)
        const isSend = request.headers['x-amz-target'] === 'AmazonSQS.SendMessage'
        if (!isSend || !input.success) {
          response.writeHead(400).end(JSON.stringify({ __type: 'com.amazonaws.sqs#UnsupportedOperation' }))
          return
        }
        const { QueueUrl, MessageBody, DelaySeconds } = input.output
        const delayMs = DelaySeconds * secondMs
        if (delayMs === 0) onMessage(MessageBody, QueueUrl)
        else setTimeout(onMessage, delayMs, MessageBody, QueueUrl).unref()
        const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex')
        response.end(JSON.stringify({ MessageId: randomUUID(), MD5OfMessageBody }))
      },
      () => response.destroy(), // the client left before it had sent everything
    )
  })
  return listen(server, port)
}
