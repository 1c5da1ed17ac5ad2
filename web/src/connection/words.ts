import { UnconventionalError } from '@apollo/client'

/** What an error, a close event or a payload of `connection_error` says to a person; empty if it says nothing. */
export function wordsOf(problem: unknown): string {
  if (typeof problem === 'string') return problem
  if (Array.isArray(problem)) return problem.map(wordsOf).join(' ')
  if (UnconventionalError.is(problem)) return wordsOf(problem.cause) // what `WebSocketLink` hands on is no Error
  if (typeof problem !== 'object' || problem === null) return ''
  if ('message' in problem && typeof problem.message === 'string') return problem.message
  if ('reason' in problem && typeof problem.reason === 'string') return problem.reason
  return ''
}
