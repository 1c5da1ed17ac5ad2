import { concurrency } from './environment'

/** Posts to the first `count` connections, with the same concurrency for all contenders. */
export async function inParallel(count: number, post: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) await post(next++)
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker))
}
