import { setTimeout as sleep } from 'node:timers/promises'
import { patienceMs } from './patience'

/**
 * Looks again and again until what it finds is what is wanted, and resolves with it. For states that nothing announces;
 * what is announced is better waited for. Rejects when its patience is lost, with what it found last.
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
