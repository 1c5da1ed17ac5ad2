import { createAwsEndpoint } from './aws-endpoint'
import { callAws } from './call'
import type { CurrentCredentials } from './credentials'

export interface SqsQueueOptions {
  readonly queueUrl: string
  readonly region: string
  readonly credentials: CurrentCredentials
}

/**
 * Sends a message (1 MiB at most), which SQS hands on after a delay in whole seconds (0 if left out, 900 at most). Resolves once SQS has
 * it, and throws an AwsCallError if SQS does not take it.
 */
export type SendToQueue = (message: unknown, delaySeconds?: number) => Promise<void>

/** Makes a sender to a queue of Amazon SQS, in its JSON protocol. */
export function sqsQueueSender({ queueUrl, region, credentials }: SqsQueueOptions): SendToQueue {
  const endpoint = createAwsEndpoint({
    url: new URL(queueUrl),
    region,
    credentials,
    service: 'sqs',
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    maxConnections: 10, // as many messages of a batch may be under way
    connectTimeoutMs: 2_000,
    responseTimeoutMs: 3_000,
  })
  return async (message, delaySeconds) => {
    const input = { QueueUrl: queueUrl, MessageBody: JSON.stringify(message), DelaySeconds: delaySeconds }
    const body = JSON.stringify(input)
    const send = () => endpoint.send({ method: 'POST', path: '/', target: 'AmazonSQS.SendMessage', body })
    await callAws({ service: 'SQS', operation: 'SendMessage', send })
  }
}
