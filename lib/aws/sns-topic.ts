import { createAwsEndpoint } from './aws-endpoint'
import { callAws, type Pause } from './call'
import type { CurrentCredentials } from './credentials'

/** What a Lambda that an SNS topic triggers receives, as far as it is read here. */
export interface SnsEvent {
  readonly Records: readonly { readonly Sns: { readonly MessageId: string; readonly Message: string } }[]
}

/** Puts a message on an SNS topic: it resolves once SNS has it, and throws an AwsCallError if SNS does not take it. */
export type SendToSnsTopic = (message: unknown) => Promise<void>

export interface SnsOptions {
  readonly url: URL
  readonly region: string
  readonly credentials: CurrentCredentials
  /** Waits between tries. */
  readonly pause?: Pause
}

/**
 * Senders to SNS topics, by their ARNs. SNS takes up to 256 KiB a message ("Amazon SNS message quotas"). What was sent again
 * because the answer was lost can be there twice. A message takes the X-Ray trace of its sender along, to whoever hears the topic.
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
