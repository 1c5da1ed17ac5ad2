/** The first attempt comes at once in the eyes of a reader, the later ones give a service room to recover. */
const firstDelayMs = 500
const longestDelayMs = 20_000

/**
 * How long to wait before an attempt to connect again, after `attempts` failed ones, in milliseconds: twice as long each time,
 * up to 20 seconds, of which a random half keeps many pages from coming back in the same moment ("Exponential Backoff And
 * Jitter", AWS Architecture Blog: equal jitter).
 *
 * @param random from 0 up to 1
 */
export function reconnectDelayMs(attempts: number, random: number): number {
  const delayMs = Math.min(firstDelayMs * 2 ** attempts, longestDelayMs)
  return Math.round(delayMs / 2 + (delayMs / 2) * random)
}

/** Counts attempts as `backo2` does, which `subscriptions-transport-ws` brings along: it can take that one's place. */
export interface Backoff {
  attempts: number
  /** How long to wait before the next attempt, in milliseconds. */
  readonly duration: () => number
  /** The connection stands: start again with short delays. */
  readonly reset: () => void
}

/** `onWait` hears of every delay when it begins. */
export function createBackoff(onWait: (delayMs: number) => void, random: () => number = Math.random): Backoff {
  const backoff: Backoff = {
    attempts: 0,
    duration() {
      const delayMs = reconnectDelayMs(backoff.attempts++, random())
      onWait(delayMs)
      return delayMs
    },
    reset() {
      backoff.attempts = 0
    },
  }
  return backoff
}

/** Whole seconds until `untilMs`, as a count-down shows them: 1 until the time has come, then 0. */
export function secondsLeft(untilMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((untilMs - nowMs) / 1_000))
}
