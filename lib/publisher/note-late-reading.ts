import { lateAfterMs } from '../history/late-readings'
import type { Assignment } from './assignment'
import type { Publisher } from './publisher'

/**
 * What is to be called before each page of an event's subscribers is read: it notes in the log that they are read, if the event was
 * logged, or that noted, too long ago. An event is mostly published within moments; then it does nothing.
 */
export function lateReadingNoter(
  { log, event: { sequence, publishedAtMs } }: Pick<Assignment, 'log' | 'event'>,
  { lateReadings, clock }: Pick<Publisher, 'lateReadings' | 'clock'>,
): () => Promise<void> {
  if (log === undefined || sequence === undefined) return () => Promise.resolve()
  let knownAtMs = publishedAtMs
  return async () => {
    const nowMs = clock.now()
    if (nowMs - knownAtMs < lateAfterMs) return
    await lateReadings.note(log, sequence)
    knownAtMs = nowMs
  }
}
