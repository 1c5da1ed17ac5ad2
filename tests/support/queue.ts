import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { listen, readBody, type StandIn } from '../../lib/local/stand-in'

interface Queue {
  /** The bodies of the messages that are not deleted, by receipt handle. */
  readonly left: ReadonlyMap<string, string>
  readonly send: (body: string) => void
  /** Ends the visibility time-out of all messages. */
  readonly showAll: () => void
}

/**
 * Starts an SQS queue that contains messages with these bodies, in SQS's JSON protocol. A receive without
 * `WaitTimeSeconds` returns no message, which is possible on AWS too.
 */
export function startQueue(bodies: readonly string[]): Promise<StandIn> & Queue {
  const left = new Map<string, string>()
  const messages = new Map<string, object>()
  const visible = new Set<string>()
  let sent = 0
  const send = (body: string): void => {
    const receipt = `receipt-${sent++}`
    left.set(receipt, body)
    messages.set(receipt, messageOf(receipt, body))
    visible.add(receipt)
  }
  const showAll = (): void => {
    for (const receipt of left.keys()) visible.add(receipt)
  }
  for (const body of bodies) send(body)
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const input = JSON.parse(text) as { ReceiptHandle?: string; WaitTimeSeconds?: number }
      const { ReceiptHandle = '' } = input
      switch (request.headers['x-amz-target']) {
        case 'AmazonSQS.DeleteMessage':
          left.delete(ReceiptHandle)
          visible.delete(ReceiptHandle)
          response.end('{}')
          return
        case 'AmazonSQS.ChangeMessageVisibility': // to 0 s
          if (left.has(ReceiptHandle)) visible.add(ReceiptHandle)
          response.end('{}')
          return
      }
      const received = input.WaitTimeSeconds ? [...visible].slice(0, 10) : []
      for (const receipt of received) visible.delete(receipt)
      const Messages = received.map((receipt) => messages.get(receipt))
      response.end(JSON.stringify(Messages.length > 0 ? { Messages } : {}))
    })
  })
  return Object.assign(listen(server, 0), { left, send, showAll })
}

function messageOf(ReceiptHandle: string, Body: string) {
  const MD5OfBody = createHash('md5').update(Body).digest('hex')
  const Attributes = { SentTimestamp: String(Date.now()) }
  return { MessageId: ReceiptHandle.replace('receipt', 'message'), ReceiptHandle, Body, MD5OfBody, Attributes }
}
