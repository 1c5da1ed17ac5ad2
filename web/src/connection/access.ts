/** Why a stage lets nobody in. `expired`: the token was good once. */
export type AccessProblem = 'refused' | 'expired'

const expired = /\bexpired?\b|outlived its token/i
/** Not the tokens that a parser reads: `Unexpected token`. */
const refused = /unauthori[sz]ed|forbidden|not allowed|access denied|(?<!unexpected )\btoken\b/i

/**
 * Reads the words with which a service closes a connection or refuses an operation; undefined when they are about
 * something else. A connection that has expired is something else: connecting again is all it takes.
 */
export function accessProblem(words: string): AccessProblem | undefined {
  if (/connection is not registered/i.test(words)) return undefined
  if (expired.test(words)) return 'expired'
  return refused.test(words) ? 'refused' : undefined
}
