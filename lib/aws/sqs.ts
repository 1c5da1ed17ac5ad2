import * as v from 'valibot'
import { createAwsEndpoint } from './aws-endpoint'
import { callAws } from './call'
import type { CurrentCredentials } from './credentials'

/** A message of a queue, and the word with which it is deleted. */
export interface QueueMessage {
  readonly body: string
  readonly receipt: string
}

/** A queue of Amazon SQS. Each call fails as `callAws` does. */
export interface Queue {
  /** Up to ten messages, which others do not see for half a minute; none if the queue is empty. */
  receive(): Promise<readonly QueueMessage[]>
  delete(message: QueueMessage): Promise<void>
  close(): void
}

const received = v.object({
  Messages: v.optional(v.nullable(v.array(v.object({ Body: v.string(), ReceiptHandle: v.string() })))),
})

export function createQueue({
  queueUrl: QueueUrl,
  region,
  credentials,
}: {
  queueUrl: string
  region: string
  credentials: CurrentCredentials
}): Queue {
  const endpoint = createAwsEndpoint({
    url: new URL(QueueUrl),
    region,
    credentials,
    service: 'sqs',
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    maxConnections: 1,
    connectTimeoutMs: 2_000,
    responseTimeoutMs: 30_000,
  })
  const call = (operation: 'ReceiveMessage' | 'DeleteMessage', input: object) => {
    const body = JSON.stringify({ QueueUrl, ...input })
    const target = `AmazonSQS.${operation}`
    const send = () => endpoint.send({ method: 'POST', path: '/', target, body })
    return callAws({ service: 'SQS', operation, send })
  }

  return {
    async receive() {
      // Without waiting, SQS asks only some of its servers, and may find nothing though there is something.
      const output = await call('ReceiveMessage', { MaxNumberOfMessages: 10, WaitTimeSeconds: 5 })
      const { Messages } = v.parse(received, JSON.parse(output))
      return (Messages ?? []).map(({ Body, ReceiptHandle }) => ({ body: Body, receipt: ReceiptHandle }))
    },
    async delete({ receipt }) {
      await call('DeleteMessage', { ReceiptHandle: receipt })
    },
    close: () => {
      endpoint.close()
    },
  }
}
