import { lateAfterMs } from '../history/late-readings'
import type { Assignment } from './assignment'
import type { Publisher } from './publisher'

/**
 * What is to be called before each page of an event's subscribers is read: it notes in the log that they are read, if the event was
 * logged, or that noted, too long ago. An event is mostly published within moments; then it does nothing.
 */
export function lateReadingNoter(
  { logged }: Pick<Assignment, 'logged'>,
  { lateReadings, clock }: Pick<Publisher, 'lateReadings' | 'clock'>,
): () => Promise<void> {
  if (!logged) return () => Promise.resolve()
  let knownAtMs = logged.atMs
  return async () => {
    const nowMs = clock.now()
    if (nowMs - knownAtMs < lateAfterMs) return
    await lateReadings.note(logged.log, logged.sequence)
    knownAtMs = nowMs
  }
}
