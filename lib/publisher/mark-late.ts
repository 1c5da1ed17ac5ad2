import type { LateMarks } from '../history/late-marks'
import type { Assignment } from './assignment'
import type { Clock } from './fan-out'

/** Keeps an event marked as long as it is being served: see `LateMarks`. */
export interface LateMarker {
  /**
   * To be called before subscribers are read, and before a frame is posted. Undefined if there is nothing to wait for, which is so
   * for most events: they are served within moments.
   */
  renew(): Promise<void> | undefined
  /** Until when subscribers may be read, and posts begin, without another mark, in epoch milliseconds. */
  readonly untilMs: number
  /** The latest time that a cursor may have so that the event is replayed from it, in epoch milliseconds. */
  readonly dueMs: number
  /** Marks the event for a time in which another invocation may begin. @returns until when; undefined if it is not in a log */
  extend(): Promise<number | undefined>
}

/** So long after an event was logged, or marked, its subscribers may be read and frames posted. Part of `seamMs`. */
export const markMs = 5_000

/** So long a publisher may take to begin what was handed on to it; if it takes longer, it serves the whole event anew. */
const handOnMs = 60_000

export function lateMarker(
  { log, event: { sequence, publishedAtMs }, servedUntilMs }: Pick<Assignment, 'log' | 'event' | 'servedUntilMs'>,
  { lateMarks, clock }: { readonly lateMarks: Pick<LateMarks, 'put'>; readonly clock: Clock },
): LateMarker {
  if (log === undefined || sequence === undefined) return unmarked
  let markedUntilMs = servedUntilMs
  let marking: Promise<void> | undefined
  const untilMs = () => markedUntilMs ?? publishedAtMs + markMs
  const mark = async (forMs: number): Promise<void> => {
    const laterMs = clock.now() + forMs
    await lateMarks.put(log, sequence, laterMs)
    markedUntilMs = laterMs
  }
  return {
    get untilMs() {
      return untilMs()
    },
    get dueMs() {
      return markedUntilMs ?? publishedAtMs
    },
    renew() {
      if (clock.now() < untilMs()) return undefined
      marking ??= mark(markMs).finally(() => (marking = undefined))
      return marking
    },
    async extend() {
      if (untilMs() < clock.now() + handOnMs / 2) await mark(handOnMs)
      return untilMs()
    },
  }
}

/** An event that is not in a log is missed by whoever is not there. */
const unmarked: LateMarker = {
  untilMs: Infinity,
  dueMs: Infinity,
  renew: () => undefined,
  extend: () => Promise.resolve(undefined),
}
