import type { LateMarks } from '../history/late-marks'
import type { Assignment } from './assignment'
import type { Clock } from './fan-out'

/** Keeps an event marked for as long as it is being served: see `LateMarks`. */
export interface LateMarker {
  /**
   * Call before reading subscribers and before posting a frame. Undefined if there is nothing to wait for, which holds
   * for most events, because they are served within 5 s.
   */
  renew(): Promise<void> | undefined
  /** Epoch milliseconds until which subscribers may be read and posts may start without another mark. */
  readonly untilMs: number
  /** The latest cursor time at which a replay includes the event, in epoch milliseconds. */
  readonly dueMs: number
  /**
   * Marks the event for the time until another invocation begins, unless it is already marked for that time or up to
   * 30 s less. @returns when the mark expires; undefined if the event is not logged
   */
  extend(forMs: number): Promise<number | undefined>
}

/** How long after it was logged or marked an event may be served without another mark. Part of `seamMs`. */
export const markMs = 5_000

/** How long a handed-on task may wait. A publisher that begins later serves all subscribers of the event again. */
export const handedOnMs = 60_000

/** The same for a task that stays in memory: Lambda retries one minute after a failure, and two after the next. */
export const keptMs = 180_000

/** Several messages that are handed on within this time share a mark. */
const sharedForMs = 30_000

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
    async extend(forMs) {
      if (untilMs() < clock.now() + forMs - sharedForMs) await mark(forMs)
      return untilMs()
    },
  }
}

/** Events of ephemeral channels are never replayed, so they need no mark. */
const unmarked: LateMarker = {
  untilMs: Infinity,
  dueMs: Infinity,
  renew: () => undefined,
  extend: () => Promise.resolve(undefined),
}
