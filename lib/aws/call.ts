import { setTimeout as sleep } from 'node:timers/promises'
import { fullJitterMs } from '../backoff'
import { AwsCallError } from '../errors'
import { HttpRequestError, type HttpResponse } from '../http/http-message'

/** Waits for as many milliseconds. */
export type Pause = (ms: number) => Promise<unknown>

export interface AwsCall {
  readonly service: string
  readonly operation: string
  readonly send: () => Promise<HttpResponse>
  /** Errors of the service that come with a 400 and go away, as its answers spell them. */
  readonly passingErrors?: RegExp
  readonly pause?: Pause
  /** A clock in milliseconds, from whenever. */
  readonly now?: () => number
}

const maxAttempts = 6

/**
 * No try begins later than that after the first. One that nobody answers takes five seconds, so a call is over within the ten that the
 * functions have that clients wait for.
 */
const triesBeginWithinMs = 4_500

/**
 * Sends a request until it is answered, and resolves with the body of the 200. Throttling, failures of the service and lost
 * connections are tried again, five times, with full jitter over about three seconds; then, and on any other error, it throws an
 * AwsCallError. So the operation must bear to be done twice.
 */
export async function callAws(call: AwsCall): Promise<string> {
  const { service, operation, send, passingErrors, pause = sleep, now = () => performance.now() } = call
  const startMs = now()
  for (let attempt = 1; ; attempt++) {
    const outcome = await settle(send(), passingErrors)
    if (outcome.kind === 'answered') return outcome.body
    const pauseMs = fullJitterMs({ attempt, baseMs: 100, maxMs: 2_000 })
    const isLast = attempt === maxAttempts || now() + pauseMs - startMs > triesBeginWithinMs
    if (!outcome.passes || isLast) throw new AwsCallError({ service, operation, cause: outcome.cause })
    await pause(pauseMs)
  }
}

type Outcome =
  | { readonly kind: 'answered'; readonly body: string }
  /** `passes`: it may go away by itself. */
  | { readonly kind: 'failed'; readonly passes: boolean; readonly cause: unknown }

async function settle(response: Promise<HttpResponse>, passingErrors?: RegExp): Promise<Outcome> {
  try {
    const { status, body } = await response
    if (status === 200) return { kind: 'answered', body }
    const passes = status >= 500 || status === 429 || passingErrors?.test(body) === true
    return { kind: 'failed', passes, cause: new Error(`It answered ${status}: ${body.slice(0, 500)}`) }
  } catch (cause) {
    return { kind: 'failed', passes: cause instanceof HttpRequestError, cause }
  }
}
