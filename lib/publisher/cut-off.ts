import { fullJitterMs } from '../backoff'
import type { Sessions } from '../clients/sessions'
import { messageOf } from '../errors'
import type { Delivery } from '../gateway/connections'
import type { Clock } from './fan-out'

/** A connection that cannot be served. */
export interface Unservable {
  readonly connectionId: string
  /** `gone`: it is closed already. `stalled`: it does not take what is posted. */
  readonly why: 'gone' | 'stalled' | 'expired'
  /** What it has to be given begins at this time at the latest, in epoch milliseconds: that of an event that it did not get. */
  readonly missedAtMs?: number | undefined
}

export interface CutOff {
  readonly sessions: Pick<Sessions, 'cut' | 'remove'>
  /** Closes a connection. It never throws. */
  readonly close: (connectionId: string) => Promise<Delivery>
  readonly clock: Clock
}

/** Connections that are cut off at the same time; each takes a few calls, one after the other. */
const atOnce = 10

/**
 * Cuts connections off: writes where their subscriptions have to go on, closes them, and deletes them. Their clients come back by
 * themselves, and are given what they missed. A failure between any two calls leaves what can be done again.
 *
 * @param deadlineMs nothing is begun with from then on, in epoch milliseconds
 * @returns those for whom that could not be done, and why
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

/** @returns why it could not be done */
async function cutOffOne(
  { connectionId, why, missedAtMs }: Unservable,
  cuttingOff: CutOff,
  deadlineMs: number,
): Promise<string | undefined> {
  const { sessions, clock } = cuttingOff
  if (clock.now() >= deadlineMs) return 'There was no time left to cut the connection off.'
  try {
    const remains = await sessions.cut(connectionId, { atMs: clock.now(), missedAtMs, isStalled: why === 'stalled' })
    const failure = why === 'gone' ? undefined : await closeConnection(connectionId, cuttingOff, deadlineMs)
    // Last: a client whose connection could not be closed goes on being served, and is cut off by another try.
    if (failure === undefined) await sessions.remove(remains)
    return failure
  } catch (error) {
    return messageOf(error)
  }
}

/** Tries again for as long as there is time: a client whose connection stays open would not come back. */
async function closeConnection(connectionId: string, { close, clock }: CutOff, deadlineMs: number) {
  for (let tries = 1; ; tries++) {
    const outcome = await close(connectionId)
    if (outcome.kind === 'delivered' || outcome.kind === 'gone') return undefined
    const pauseMs = fullJitterMs({ attempt: tries, baseMs: 100, maxMs: 5_000 })
    if (outcome.kind === 'forbidden' || clock.now() + pauseMs >= deadlineMs) return outcome.reason
    await clock.pause(pauseMs)
  }
}
