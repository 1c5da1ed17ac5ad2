import type { Measurement } from '../contenders/measure'
import type { PublisherName } from '../contenders/names'
import { startContender } from '../contenders/start'
import type { StandIns } from '../stand-ins/start'
import { addTo, median, type Plan, reasonOf } from './plan'
import { publishServed } from './served'

export interface FirstCell {
  readonly contender: PublisherName
  readonly subscribers: number
  /** Milliseconds since it was loaded, and since its process was started. */
  readonly loadedMs: number
  readonly fromStartMs: number
  readonly failure?: string | undefined
}

/** The first publish of a fresh process, with posts of 10 ms. */
export async function measureFirst(standIns: StandIns, plan: Plan): Promise<readonly FirstCell[]> {
  const { freshSizes: sizes, freshRounds, publishers } = plan
  const samples = new Map<string, Measurement[]>()
  const failures = new Map<string, string>()
  for (const subscribers of sizes) {
    for (let round = 0; round < freshRounds(subscribers); round++) {
      for (const name of publishers) {
        const contender = await startContender(name, standIns)
        try {
          const command = { delayMs: 10 }
          const measurement = await publishServed({ name, contender, subscribers, standIns, command })
          addTo(samples, `${name} ${subscribers}`, measurement)
        } catch (error) {
          failures.set(`${name} ${subscribers}`, reasonOf(error))
        } finally {
          contender.stop()
        }
      }
    }
  }
  return publishers.flatMap((contender) =>
    sizes.map((subscribers) => {
      const key = `${contender} ${subscribers}`
      const of = samples.get(key) ?? []
      const loadedMs = median(of.map(({ wallMs }) => wallMs))
      const fromStartMs = median(of.map(({ sinceStartMs }) => sinceStartMs))
      return { contender, subscribers, loadedMs, fromStartMs, failure: failures.get(key) }
    }),
  )
}
