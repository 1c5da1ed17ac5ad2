import type { Appender } from '../history/append'
import type { Assignment } from './assignment'

/**
 * Puts the event of a publication into the log before it is delivered, so that a client that misses it can be sent it later. What another
 * publisher has handed on is there already, and an ephemeral channel has no log. Fails as `append` does: then nothing has been
 * delivered, and it may be tried again.
 *
 * @returns the assignment with the event's `sequence`, and when it was logged
 */
export async function logAssignment(assignment: Assignment, history: Appender): Promise<Assignment> {
  const { topics, log, event } = assignment
  if (log === undefined || event.sequence !== undefined) return assignment
  const { id, data } = event
  return { ...assignment, event: { ...event, ...(await history.append({ topics, id, data })) } }
}
