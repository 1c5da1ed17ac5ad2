import { fullJitterMs } from '../backoff'
import type { Sessions } from '../clients/sessions'
import { messageOf } from '../errors'
import type { Delivery } from '../gateway/connections'
import type { Clock } from './fan-out'

/** A connection to cut off. */
export interface Unservable {
  readonly connectionId: string
  /**
   * `gone`: API Gateway has closed it. `expired`: its token has expired. `stalled`: its client does not read, or posts
   * to it failed for another reason.
   */
  readonly why: 'gone' | 'stalled' | 'expired'
  /** Time of an event that the client did not receive, in epoch milliseconds. The replay begins no later than this. */
  readonly missedAtMs?: number | undefined
}

export interface CutOff {
  readonly sessions: Pick<Sessions, 'cut' | 'remove'>
  /** Closes a connection. Must not throw. */
  readonly close: (connectionId: string) => Promise<Delivery>
  readonly clock: Clock
}

/** Number of connections that are cut off concurrently. Each takes a few calls in sequence. */
const atOnce = 10

/**
 * Cuts connections off: writes the cursors of their subscriptions, closes them, and deletes their items. Clients with a
 * session reconnect and receive a replay of what they missed. Idempotent: after a failure between any two calls,
 * another attempt completes it.
 *
 * @param deadlineMs epoch milliseconds from which no further connection is cut off
 * @returns the connections that could not be cut off, with the reason
 */
export async function cutOff(
  connections: Iterable<Unservable>,
  cuttingOff: CutOff,
  deadlineMs: number,
): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>()
  const waiting = [...connections].values() // which all workers share
  const work = async () => {
    for (const connection of waiting) {
      const failure = await cutOffOne(connection, cuttingOff, deadlineMs)
      if (failure !== undefined) failures.set(connection.connectionId, failure)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return failures
}

/** @returns the reason if the connection could not be cut off */
async function cutOffOne(
  { connectionId, why, missedAtMs }: Unservable,
  cuttingOff: CutOff,
  deadlineMs: number,
): Promise<string | undefined> {
  const { sessions, clock } = cuttingOff
  if (clock.now() >= deadlineMs) return 'The deadline passed before the connection was cut off.'
  try {
    const remains = await sessions.cut(connectionId, { atMs: clock.now(), missedAtMs, isStalled: why === 'stalled' })
    const failure = why === 'gone' ? undefined : await closeConnection(connectionId, cuttingOff, deadlineMs)
    // Last: a connection that could not be closed keeps receiving events, and another attempt cuts it off.
    if (failure === undefined) await sessions.remove(remains)
    return failure
  } catch (error) {
    return messageOf(error)
  }
}

/** Retries until the deadline: a client whose connection stays open does not reconnect. */
async function closeConnection(connectionId: string, { close, clock }: CutOff, deadlineMs: number) {
  for (let tries = 1; ; tries++) {
    const outcome = await close(connectionId)
    if (outcome.kind === 'delivered' || outcome.kind === 'gone') return undefined
    const pauseMs = fullJitterMs({ attempt: tries, baseMs: 100, maxMs: 5_000 })
    if (outcome.kind === 'forbidden' || clock.now() + pauseMs >= deadlineMs) return outcome.reason
    await clock.pause(pauseMs)
  }
}
