import { setTimeout as sleep } from 'node:timers/promises'
import { fullJitterMs } from '../backoff'
import { AwsCallError } from '../errors'
import { HttpRequestError, type HttpResponse } from '../http/http-message'
import { errorCodeOf } from './error-code'

/** Resolves after this many milliseconds. */
export type Pause = (ms: number) => Promise<unknown>

export interface AwsCall {
  readonly service: string
  readonly operation: string
  readonly send: () => Promise<HttpResponse>
  readonly pause?: Pause
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number
}

const maxAttempts = 6

/**
 * No attempt begins later than this after the first one. An attempt takes at most 5 s (the time-outs for connecting and
 * responding), so a call ends within 10 s. Clients wait for the functions that make it, and these have no more time.
 */
const triesBeginWithinMs = 4_500

/**
 * Transient errors that come with a 400: "Error handling with DynamoDB", "Common errors" and "Publish" of SNS,
 * "SendMessage" of SQS.
 */
const transientCodes = new Set([
  'KMSThrottling',
  'KmsThrottled',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'Throttling',
  'ThrottlingException',
])

/**
 * Sends a request and resolves with the body of its 200 response. Throttling, server errors and lost connections are
 * retried up to five times, with full jitter over about 3 s. Throws an AwsCallError after the last attempt, and
 * immediately on any other error. The operation must be idempotent.
 */
export async function callAws(call: AwsCall): Promise<string> {
  const { service, operation, send, pause = sleep, now = () => performance.now() } = call
  const startMs = now()
  for (let attempt = 1; ; attempt++) {
    const outcome = await settle(send())
    if (outcome.kind === 'answered') return outcome.body
    const { isTransient, ...failure } = outcome
    const pauseMs = fullJitterMs({ attempt, baseMs: 100, maxMs: 2_000 })
    const isLast = attempt === maxAttempts || now() + pauseMs - startMs > triesBeginWithinMs
    if (!isTransient || isLast) throw new AwsCallError({ service, operation, ...failure })
    await pause(pauseMs)
  }
}

type Outcome =
  | { readonly kind: 'answered'; readonly body: string }
  | {
      readonly kind: 'failed'
      readonly isTransient: boolean
      readonly status?: number
      readonly code?: string | undefined
      readonly body?: string
      readonly cause: unknown
    }

async function settle(response: Promise<HttpResponse>): Promise<Outcome> {
  try {
    const { status, body } = await response
    if (status === 200) return { kind: 'answered', body }
    const code = errorCodeOf(body)
    const isTransient = status >= 500 || status === 429 || transientCodes.has(code ?? '')
    const cause = new Error(`The service responded with ${status}: ${body.slice(0, 500)}`)
    return { kind: 'failed', isTransient, status, code, body, cause }
  } catch (cause) {
    return { kind: 'failed', isTransient: cause instanceof HttpRequestError, cause }
  }
}
