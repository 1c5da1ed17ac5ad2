import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { listen, readBody, type StandIn } from '../../lib/local/stand-in'

/**
 * Starts an SQS queue that contains messages with these bodies, in SQS's JSON protocol. A receive without
 * `WaitTimeSeconds` returns no message, which is possible on AWS too.
 *
 * @returns the queue, with the bodies of the messages that are not deleted (`left`), by receipt handle
 */
export function startQueue(bodies: readonly string[]): Promise<StandIn> & { left: Map<string, string> } {
  const left = new Map(bodies.map((body, n) => [`receipt-${n}`, body]))
  const visible = new Set(left.keys())
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const input = JSON.parse(text) as { ReceiptHandle?: string; WaitTimeSeconds?: number }
      if (request.headers['x-amz-target'] === 'AmazonSQS.DeleteMessage') {
        left.delete(input.ReceiptHandle ?? '')
        response.end('{}')
        return
      }
      const receipts = input.WaitTimeSeconds ? [...visible].slice(0, 10) : []
      for (const receipt of receipts) visible.delete(receipt)
      const Messages = receipts.map((ReceiptHandle) => messageOf(ReceiptHandle, left.get(ReceiptHandle) ?? ''))
      response.end(JSON.stringify(Messages.length > 0 ? { Messages } : {}))
    })
  })
  return Object.assign(listen(server, 0), { left })
}

function messageOf(ReceiptHandle: string, Body: string) {
  const MD5OfBody = createHash('md5').update(Body).digest('hex')
  return { MessageId: ReceiptHandle.replace('receipt', 'message'), ReceiptHandle, Body, MD5OfBody }
}
