import { createAwsEndpoint } from './aws-endpoint'
import { callAws } from './call'
import type { CurrentCredentials } from './credentials'

export interface SqsQueueOptions {
  readonly queueUrl: string
  readonly region: string
  readonly credentials: CurrentCredentials
}

/**
 * Makes a sender to a queue of Amazon SQS, in its JSON protocol. It resolves once SQS has the message (1 MiB at most), and throws an
 * AwsCallError if SQS does not take it.
 */
export function sqsQueueSender({ queueUrl, region, credentials }: SqsQueueOptions): (body: unknown) => Promise<void> {
  const endpoint = createAwsEndpoint({
    url: new URL(queueUrl),
    region,
    credentials,
    service: 'sqs',
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    maxConnections: 1,
    connectTimeoutMs: 2_000,
    responseTimeoutMs: 3_000,
  })
  return async (message) => {
    const body = JSON.stringify({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) })
    const send = () => endpoint.send({ method: 'POST', path: '/', target: 'AmazonSQS.SendMessage', body })
    await callAws({ service: 'SQS', operation: 'SendMessage', send })
  }
}
