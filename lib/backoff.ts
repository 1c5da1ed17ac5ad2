/**
 * Returns the delay before the next attempt in milliseconds: random, up to a limit that doubles with each attempt
 * ("full jitter" in "Exponential Backoff And Jitter", AWS Architecture Blog). Callers that failed together therefore do
 * not retry together.
 *
 * @param attempt the number of attempts so far, at least 1
 */
export function fullJitterMs({
  attempt,
  baseMs,
  maxMs,
  random = Math.random,
}: {
  attempt: number
  baseMs: number
  maxMs: number
  random?: () => number
}): number {
  return random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1))
}
