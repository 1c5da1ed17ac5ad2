import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../../lib/publisher/fan-out'

/** A clock that stands still while code runs. When everything waits for pauses, it jumps to the end of the next one. */
export interface VirtualClock extends Clock {
  /**
   * Advances the clock until the promise settles, and settles like it. Rejects if the promise is pending and there is
   * no pause left.
   */
  readonly run: <T>(promise: Promise<T>) => Promise<T>
}

export function createVirtualClock(startMs = 1_700_000_000_000): VirtualClock {
  let nowMs = startMs
  const pauses: { readonly atMs: number; readonly end: () => void }[] = []
  return {
    now: () => nowMs,
    pause: (ms) =>
      new Promise<void>((end) => {
        pauses.push({ atMs: nowMs + ms, end })
        pauses.sort((a, b) => a.atMs - b.atMs)
      }),
    async run(promise) {
      const state = { isSettled: false }
      const noted = () => {
        state.isSettled = true
      }
      promise.then(noted, noted)
      for (;;) {
        await nextTurn()
        if (state.isSettled) return promise
        const next = pauses.shift()
        if (!next) throw new Error('Nothing is under way that could settle the promise.')
        nowMs = Math.max(nowMs, next.atMs)
        next.end()
      }
    },
  }
}
