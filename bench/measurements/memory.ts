import type { PublisherName } from '../contenders/names'
import { startContender } from '../contenders/start'
import { everyone } from '../model'
import type { StandIns } from '../stand-ins/start'
import { type Plan, reasonOf } from './plan'

export interface MemoryCell {
  readonly contender: PublisherName
  readonly subscribers: number
  readonly megabytes: number
  readonly failure?: string
}

/**
 * Peak memory of a fresh process, minus that of one that has published to a single subscriber. Only this project
 * publishes to 100,000, and only in a full run.
 */
export async function measureMemory(
  standIns: StandIns,
  { publishers, memorySizes }: Plan,
): Promise<readonly MemoryCell[]> {
  const cells: MemoryCell[] = []
  for (const contender of publishers) {
    const sizes = contender === 'project' ? memorySizes : memorySizes.slice(0, 2)
    for (const subscribers of sizes) {
      await standIns.behave({ delayMs: 10 })
      const { publish, stop } = await startContender(contender, standIns)
      try {
        const idle = (await publish(everyone(1))).peakBytes
        const peak = (await publish(everyone(subscribers))).peakBytes
        cells.push({ contender, subscribers, megabytes: (peak - idle) / 2 ** 20 })
      } catch (error) {
        cells.push({ contender, subscribers, megabytes: NaN, failure: reasonOf(error) })
      } finally {
        stop()
      }
    }
  }
  return cells
}
