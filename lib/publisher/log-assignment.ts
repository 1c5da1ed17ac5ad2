import type { Appender } from '../history/append'
import type { Assignment } from './assignment'

/**
 * Puts the event of a publication into the log before it is delivered, so that a client that misses it can be sent it later. What another
 * publisher has handed on is there already, and an ephemeral channel has no log. Fails as `append` does: then nothing has been
 * delivered, and it may be tried again.
 *
 * @returns the assignment with the event's `sequence`, and where and when it was logged
 */
export async function logAssignment(assignment: Assignment, history: Appender): Promise<Assignment> {
  const { unlogged, event, ...rest } = assignment
  if (!unlogged) return assignment
  const [log] = unlogged
  const { id, data, completion } = event
  return { ...rest, log, event: { ...event, ...(await history.append({ topics: unlogged, id, data, completion })) } }
}
