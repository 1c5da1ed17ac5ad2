import type { Appender } from '../history/append'
import type { Assignment } from './assignment'

/**
 * Puts the event of a publication into the log before anybody gets it, so that whoever misses it can be given it later. What another
 * publisher has handed on is there already. Fails as `append` does: then nothing has been delivered, and it may be tried again.
 *
 * @returns the assignment with the event's `sequence`, and where and when it was logged
 */
export async function logAssignment(assignment: Assignment, log: Appender): Promise<Assignment> {
  const { unlogged, ...rest } = assignment
  if (!unlogged) return assignment
  const [first] = unlogged
  const { sequence, publishedAtMs } = await log.append({ topics: unlogged, event: assignment.event })
  return { ...rest, event: { ...assignment.event, sequence }, logged: { log: first, sequence, atMs: publishedAtMs } }
}
