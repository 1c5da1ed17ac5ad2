import { createAwsEndpoint } from './aws-endpoint'
import { callAws, type Pause } from './call'
import type { CurrentCredentials } from './credentials'

/** The part that is read of the event of a Lambda that an SNS topic triggers. */
export interface SnsEvent {
  readonly Records: readonly { readonly Sns: { readonly MessageId: string; readonly Message: string } }[]
}

/** Publishes a message to an SNS topic. Resolves once SNS has accepted it. Throws like `callAws`. */
export type SendToSnsTopic = (message: unknown) => Promise<void>

export interface SnsOptions {
  readonly url: URL
  readonly region: string
  readonly credentials: CurrentCredentials
  readonly pause?: Pause
}

/**
 * Creates senders to SNS topics, by their ARNs. A message has at most 256 KiB ("Amazon SNS message quotas"). It is
 * published at least once: twice if a response was lost. It carries the X-Ray trace of its sender to the topic's
 * subscribers.
 */
export function snsTopicSenders({ url, region, credentials, pause }: SnsOptions): {
  readonly to: (topicArn: string) => SendToSnsTopic
  readonly close: () => void
} {
  const endpoint = createAwsEndpoint({
    url,
    region,
    credentials,
    service: 'sns',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    maxConnections: 10,
    connectTimeoutMs: 2_000,
    responseTimeoutMs: 3_000,
  })
  return {
    to: (TopicArn) => async (message) => {
      const form = { Action: 'Publish', Version: '2010-03-31', TopicArn, Message: JSON.stringify(message) }
      const body = new URLSearchParams(form).toString()
      const trace = process.env['_X_AMZN_TRACE_ID'] // Lambda sets it for each invocation
      const send = () => endpoint.send({ method: 'POST', path: '/', body, trace })
      await callAws({ service: 'SNS', operation: 'Publish', send, ...(pause && { pause }) })
    },
    close: () => {
      endpoint.close()
    },
  }
}
