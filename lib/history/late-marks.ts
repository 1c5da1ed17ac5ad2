import { numberOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import type { Topic } from '../channels/topic'

/**
 * Marks on events that publishers are still delivering long after they were logged: because the topic is large, posts
 * are throttled, or a publisher died and another one took over. Such a delivery may miss a client that reconnects
 * meanwhile, and the client's cursor may be later than the event. So a publisher marks the event before it continues,
 * and a replay includes marked events.
 */
export interface LateMarks {
  /**
   * Marks an event as being delivered until a time, unless it is marked for longer. Resolves once every replay that
   * begins later sees the mark.
   */
  put(log: Topic, sequence: number, untilMs: number): Promise<void>

  /** The numbers, in order, of the events up to `upTo` that were still being delivered at or after a time. */
  since(log: Topic, timeMs: number, upTo: number): Promise<readonly number[]>
}

export interface LateMarksOptions extends TableAndClock {
  /** How long a mark is kept: as long as the cursors that may need it. */
  readonly ttlSeconds: number
}

/** The mark of event n is stored under -n in the same log, below everything that readers of the log query. */
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
