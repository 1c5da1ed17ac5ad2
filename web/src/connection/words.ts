import { UnconventionalError } from '@apollo/client'

/** The text for the user in an error, a close event or a payload of `connection_error`; empty if it has none. */
export function wordsOf(problem: unknown): string {
  if (typeof problem === 'string') return problem
  if (Array.isArray(problem)) return problem.map(wordsOf).join(' ')
  if (UnconventionalError.is(problem)) return wordsOf(problem.cause) // `WebSocketLink` passes other values
  if (typeof problem !== 'object' || problem === null) return ''
  if ('message' in problem && typeof problem.message === 'string') return problem.message
  if ('reason' in problem && typeof problem.reason === 'string') return problem.reason
  return ''
}
