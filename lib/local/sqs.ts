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
  /** 0 means any free port. */
  readonly port: number
  readonly onMessage: (body: string, queueUrl: string) => void
  /** The length of a second of a message's delay. Default: 1,000 ms. */
  readonly secondMs?: number
}

/** The event of a Lambda that a queue triggers, with one message. */
export function sqsEvent(body: string): { readonly Records: readonly [{ messageId: string; body: string }] } {
  return { Records: [{ messageId: randomUUID(), body }] }
}

/**
 * Starts a stand-in for Amazon SQS that accepts messages in the JSON protocol and stores none: it passes each one to
 * its owner, after the message's delay, unless it is closed by then.
 */
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
        const deliver = () => {
          if (server.listening) onMessage(MessageBody, QueueUrl)
        }
        if (delayMs === 0) deliver()
        else setTimeout(deliver, delayMs).unref()
        const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex')
        response.end(JSON.stringify({ MessageId: randomUUID(), MD5OfMessageBody }))
      },
      () => response.destroy(), // the client disconnected before it had sent everything
    )
  })
  return listen(server, port)
}
