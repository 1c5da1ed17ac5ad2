import type { Appender } from '../history/append'
import type { Assignment } from './assignment'

/**
 * Logs an event before it is delivered, so that clients that miss it can receive a replay. A handed-on event is already
 * logged, and an ephemeral channel has no log. Throws like `append`; nothing has been delivered then, so the caller may
 * retry.
 *
 * @returns the assignment with the event's `sequence` and the time at which it was logged
 */
export async function logAssignment(assignment: Assignment, history: Appender): Promise<Assignment> {
  const { topics, log, event } = assignment
  if (log === undefined || event.sequence !== undefined) return assignment
  const { id, data, completion } = event
  return { ...assignment, event: { ...event, ...(await history.append({ topics, id, data, completion })) } }
}
