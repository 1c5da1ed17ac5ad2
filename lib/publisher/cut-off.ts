import type { Subscriber } from '../clients/subscribers'
import type { Assignment } from './assignment'
import type { Unserved } from './fan-out'
import type { Publisher } from './publisher'
import { replayTask } from './replay-task'
import { messageOf } from '../errors'

/** Connections that are cut off at the same time; each takes a few calls of DynamoDB, one after the other. */
const atOnce = 10

/**
 * Deletes connections that are gone, and notes for those that can come back what they did not get. Where one has come back already,
 * before this event was posted to the old connection, it is given it on the new one.
 *
 * @param gone by connection, the subscriptions that the event was not delivered to
 * @returns those for whom that failed, and why: unless it is tried again, they miss the event
 */
export async function cutOff(
  gone: ReadonlyMap<string, readonly Subscriber[]>,
  { event: { publishedAtMs }, log }: Pick<Assignment, 'event' | 'log'>,
  { sessions, handOn }: Pick<Publisher, 'sessions' | 'handOn'>,
): Promise<readonly Unserved[]> {
  const left: Unserved[] = []
  const cutConnection = async ([connectionId, subscribers]: readonly [string, readonly Subscriber[]]) => {
    try {
      const session = await sessions.end(connectionId, { atMs: publishedAtMs, exact: false })
      if (session === undefined || log === undefined) return // an ephemeral event is missed by those who are away
      for (const subscriber of subscribers) {
        const successor = await sessions.missed(session, subscriber, publishedAtMs)
        if (successor) await handOn(replayTask(successor, { session }))
      }
    } catch (error) {
      const reason = messageOf(error)
      left.push(...subscribers.map((recipient) => ({ recipient, reason })))
    }
  }
  const waiting = gone.entries()
  const work = async () => {
    for (const connection of waiting) await cutConnection(connection)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return left
}
