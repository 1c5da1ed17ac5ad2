import type { ExecutionResult } from 'graphql'

/**
 * A result about the replay, for a subscription that asks for cursors. `incomplete` comes first if the log no longer
 * keeps all the events that the client may have missed; `complete` comes once all were sent.
 */
export function resumed(resume: 'incomplete' | 'complete'): ExecutionResult {
  return { data: null, extensions: { resume } }
}
