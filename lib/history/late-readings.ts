import type { Table } from '../aws/table'
import type { Topic } from '../channels/topic'
import { numberOf } from './entry'

/**
 * Which events had their subscribers read long after they were logged: by a publisher that another one's death has left it to, or by
 * one that comes to the last pages of a large topic. A client that has left in good order meanwhile is not among those subscribers,
 * and its cut is later than the event. So the publisher says here what it is about to read, and a replay goes back to that.
 */
export interface LateReadings {
  /** Notes that the subscribers of an event are read from now on. Resolves once every replay that begins will see it. */
  note(log: Topic, sequence: number): Promise<void>

  /** The lowest number among the events whose subscribers were read at this time or later; undefined if there is none. */
  firstSince(log: Topic, timeMs: number): Promise<number | undefined>
}

export interface LateReadingsOptions {
  readonly table: Table
  /** How long a note is kept: as long as the cuts that it may concern. */
  readonly ttlSeconds: number
  /** The clock in epoch milliseconds. */
  readonly now?: () => number
}

/**
 * Subscribers that are read so long after their event was logged, or noted here, are read late. Half of what a cut reaches back at
 * least (`seamMs`), so that clocks may differ by the other half.
 */
export const lateAfterMs = 5_000

/** The note of the n-th event stands under -n in the same log: below everything that a reader of the log asks for. */
export function createLateReadings({ table, ttlSeconds, now = Date.now }: LateReadingsOptions): LateReadings {
  return {
    async note(log, sequence) {
      const readAtMs = now()
      await table.put({ topic: log, sequence: -sequence, readAtMs, ttl: Math.floor(readAtMs / 1000) + ttlSeconds })
    },

    async firstSince(log, timeMs) {
      let first: number | undefined
      const pages = table.pages({
        keys: 'topic = :topic AND #sequence < :zero',
        values: { ':topic': log, ':zero': 0 },
        names: { '#sequence': 'sequence' },
      })
      // They come with the highest event first, so the last one that counts is the lowest.
      for await (const notes of pages) {
        for (const note of notes) {
          if ((numberOf(note, 'readAtMs') ?? 0) >= timeMs) first = -(numberOf(note, 'sequence') ?? 0)
        }
      }
      return first
    },
  }
}
