import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import type { Topic } from '../channels/topic'
import { numberOf } from './entry'

/**
 * Which events still reach subscribers long after they were logged: from a publisher that comes to the last pages of a large topic, that
 * is throttled, or that another one's death has left the event to. A client that comes back meanwhile may have been missed by
 * it, and its cursor can be later than the event. So a publisher marks the event before it goes on, and a replay has what is marked.
 */
export interface LateMarks {
  /** Marks an event as one that is served until some time, unless it is marked for longer. Resolves once every replay that begins will see it. */
  put(log: Topic, sequence: number, untilMs: number): Promise<void>

  /** The numbers of the events up to `upTo` that were still served at some time or later, in their order. */
  since(log: Topic, timeMs: number, upTo: number): Promise<readonly number[]>
}

export interface LateMarksOptions extends TableAndClock {
  /** How long a mark is kept: as long as the cursors that it may concern. */
  readonly ttlSeconds: number
}

/** The mark of the n-th event stands under -n in the same log: below everything that a reader of the log asks for. */
export function createLateMarks({ table, ttlSeconds, now = Date.now }: LateMarksOptions): LateMarks {
  return {
    async put(log, sequence, untilMs) {
      const ttl = Math.floor(now() / 1000) + ttlSeconds
      const isLater = where`attribute_not_exists(servedUntilMs) OR servedUntilMs < ${untilMs}`
      await table.put({ topic: log, sequence: -sequence, servedUntilMs: untilMs, ttl }, isLater)
    },

    async since(log, timeMs, upTo) {
      const numbers: number[] = []
      const keys = where`topic = ${log} AND #sequence BETWEEN ${-upTo} AND ${-1}`
      for await (const marks of table.pages({ keys, backwards: true })) {
        for (const mark of marks) {
          if ((numberOf(mark, 'servedUntilMs') ?? 0) >= timeMs) numbers.push(-(numberOf(mark, 'sequence') ?? 0))
        }
      }
      return numbers
    },
  }
}
