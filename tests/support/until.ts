import { setTimeout as sleep } from 'node:timers/promises'
import { patienceMs } from './patience'

/**
 * Calls `find` every 10 ms until `wanted` accepts its result, and resolves with that result. After `patienceMs`,
 * rejects with the last result. Use it only for states that no event announces.
 */
export async function until<T>(find: () => Promise<T>, wanted: (found: T) => boolean): Promise<T> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const found = await find()
    if (wanted(found)) return found
    if (Date.now() > deadline)
      throw new Error(`Waited ${patienceMs / 1000} seconds, and still found ${JSON.stringify(found)}.`)
    await sleep(10)
  }
}
