import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { listen, readBody, type StandIn } from '../../lib/local/stand-in'

interface Queue {
  /** The bodies of the messages that are not deleted, by receipt handle. */
  readonly left: ReadonlyMap<string, string>
  readonly send: (body: string) => void
}

/**
 * Starts an SQS queue that contains messages with these bodies, in SQS's JSON protocol. A receive without
 * `WaitTimeSeconds` returns no message, which is possible on AWS too.
 */
export function startQueue(bodies: readonly string[]): Promise<StandIn> & Queue {
  const left = new Map<string, string>()
  const visible = new Map<string, object>()
  let sent = 0
  const send = (body: string): void => {
    const receipt = `receipt-${sent++}`
    left.set(receipt, body)
    visible.set(receipt, messageOf(receipt, body))
  }
  for (const body of bodies) send(body)
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const input = JSON.parse(text) as { ReceiptHandle?: string; WaitTimeSeconds?: number }
      if (request.headers['x-amz-target'] === 'AmazonSQS.DeleteMessage') {
        left.delete(input.ReceiptHandle ?? '')
        response.end('{}')
        return
      }
      const received = input.WaitTimeSeconds ? [...visible].slice(0, 10) : []
      for (const [receipt] of received) visible.delete(receipt)
      const Messages = received.map(([, message]) => message)
      response.end(JSON.stringify(Messages.length > 0 ? { Messages } : {}))
    })
  })
  return Object.assign(listen(server, 0), { left, send })
}

function messageOf(ReceiptHandle: string, Body: string) {
  const MD5OfBody = createHash('md5').update(Body).digest('hex')
  const Attributes = { SentTimestamp: String(Date.now()) }
  return { MessageId: ReceiptHandle.replace('receipt', 'message'), ReceiptHandle, Body, MD5OfBody, Attributes }
}
