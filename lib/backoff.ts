/**
 * How long to wait before another try: any time up to a limit that doubles with each, "full jitter" as in "Exponential Backoff
 * And Jitter" (AWS Architecture Blog), so that those who failed together do not come back together.
 *
 * @param attempt how many tries there were, from 1 on
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
