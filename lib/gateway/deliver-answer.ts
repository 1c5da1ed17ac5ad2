import { setTimeout as sleep } from 'node:timers/promises'
import { fullJitterMs } from '../backoff'
import type { Answer } from '../protocol/dialect'
import { type Connections, type Delivery, sharedText } from './connections'
import type { CloseLater } from './close-later'
import type { RouteResponse } from './events'

export interface DeliveringAnswer {
  readonly callbackUrl: string
  readonly connectionId: string
  readonly connections: Pick<Connections, 'deliver' | 'close'>
  readonly closeLater: CloseLater
  /** The answer if posting through @connections failed. */
  readonly onFailure: (error: Error) => Answer
  /** Waits between attempts. */
  readonly pause?: (ms: number) => Promise<unknown>
}

/** With full jitter, over at most 300 ms, because a client waits for this. */
const maxAttempts = 3
const firstRetryMs = 100

/**
 * Sends an answer to the client, its frames in order. The last frame is returned as the route response, which takes no
 * call; earlier frames and the close go through @connections. A client that is gone receives nothing, which is no
 * failure. If a delayed close cannot be scheduled, the connection is closed immediately: silence until the idle timeout
 * of 10 minutes would be worse.
 *
 * Never throws: the route response does not need @connections, so it can report that a call there failed. A close that
 * is still due then is scheduled.
 */
export async function deliverAnswer({ frames, close }: Answer, delivering: DeliveringAnswer): Promise<RouteResponse> {
  const { callbackUrl, connectionId, connections, closeLater, onFailure, pause = sleep } = delivering
  const at = { callbackUrl, connectionId }
  /** Whether the close could be scheduled. */
  const putOff = () =>
    closeLater(connectionId).then(
      () => true,
      () => false,
    )
  const isPutOff = close?.isDelayed && (await putOff())
  const closesNow = close !== undefined && !isPutOff
  const posts = (closesNow ? frames : frames.slice(0, -1)).map(
    (frame) => () => connections.deliver({ ...at, head: sharedText(frame), rest: '' }),
  )
  for (const call of closesNow ? [...posts, () => connections.close(at)] : posts) {
    const failed = await failureOf(call, pause)
    if (failed !== undefined) {
      const instead = onFailure(new Error(failed))
      if (closesNow || instead.close) await putOff()
      return routeResponse(instead.frames[0])
    }
  }
  return routeResponse(closesNow ? undefined : frames.at(-1))
}

/** Makes a call, and retries if it is transient. @returns why it failed permanently */
async function failureOf(
  call: () => Promise<Delivery>,
  pause: (ms: number) => Promise<unknown>,
): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await call()
    if (outcome.kind === 'delivered' || outcome.kind === 'gone') return undefined
    const isTransient = outcome.kind === 'throttled' || (outcome.kind === 'failed' && outcome.retryable)
    if (!isTransient || attempt === maxAttempts) return outcome.reason
    await pause(fullJitterMs({ attempt, baseMs: firstRetryMs, maxMs: 2 * firstRetryMs }))
  }
}

function routeResponse(body: string | undefined): RouteResponse {
  return { statusCode: 200, ...(body !== undefined && { body }) }
}
