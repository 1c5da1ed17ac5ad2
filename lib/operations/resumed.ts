import type { ExecutionResult } from 'graphql'

/**
 * What a subscription that asks for cursors is told of its replay, in place of an event: `incomplete`, first, if the log no longer keeps all
 * that it may lack; `complete` once everything was sent.
 */
export function resumed(resume: 'incomplete' | 'complete'): ExecutionResult {
  return { data: null, extensions: { resume } }
}
