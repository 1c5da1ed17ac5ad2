import type { Appender } from '../message-log/append'
import type { Assignment } from './assignment'

/**
 * Puts the event of a publication into the log before anybody gets it, so that whoever misses it can be given it later. What another
 * publisher has handed on is there already. Fails as `append` does: then nothing has been delivered, and it may be tried again.
 *
 * @returns the assignment with the event's `sequence`, and when it was logged
 */
export async function logAssignment(assignment: Assignment, log: Appender): Promise<Assignment> {
  const { unlogged: topics, ...logged } = assignment
  if (!topics) return assignment
  const { sequence, publishedAtMs } = await log.append({ topics, event: assignment.event })
  return { ...logged, event: { ...assignment.event, sequence }, publishedAtMs }
}
