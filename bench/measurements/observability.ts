import type { Measurement } from '../contenders/measure'
import { startContender } from '../contenders/start'
import type { StandIns } from '../stand-ins/start'
import { addTo, median, type Plan } from './plan'
import { publishWarm } from './served'

export interface ObservabilityRow {
  readonly subscribers: number
  /** CPU of a whole publish with posts of 0 ms, in microseconds. */
  readonly cpu: Added
  /** Duration of a publish with calls of 10 ms, in microseconds: what Lambda bills. */
  readonly wall: Added
}

interface Added {
  readonly withUs: number
  readonly withoutUs: number
  readonly ratio: number
}

/**
 * Measures the overhead of logger and metrics for a warm publish: the same function with and without them, alternating.
 */
export async function measureObservability(
  standIns: StandIns,
  { isShort }: Plan,
): Promise<readonly ObservabilityRow[]> {
  const sizes = [1, 100, 10_000]
  const variants = [
    { variant: 'with', contender: await startContender('project', standIns) },
    { variant: 'without', contender: await startContender('project', standIns, { FUNCTIONS: 'functions-silent' }) },
  ]
  const samples = new Map<string, Measurement[]>()
  for (const subscribers of sizes) {
    const rounds = (isShort ? 10_000 : 40_000) / Math.max(subscribers, 100)
    for (const delayMs of [0, 10]) {
      for (let round = -Math.min(rounds, 20); round < Math.max(rounds, 3); round++) {
        // The first one finds a colder CPU, so the order alternates.
        for (const { variant, contender } of round % 2 === 0 ? variants : variants.toReversed()) {
          const command = { delayMs }
          const measurement = await publishWarm({ name: 'project', contender, subscribers, standIns, command })
          if (round >= 0) addTo(samples, `${variant} ${subscribers} ${delayMs}`, measurement)
        }
      }
    }
  }
  for (const { contender } of variants) contender.stop()
  return sizes.map((subscribers) => {
    const added = (delayMs: number, pick: (measurement: Measurement) => number): Added => {
      const of = (variant: string) => median((samples.get(`${variant} ${subscribers} ${delayMs}`) ?? []).map(pick))
      const [withUs, withoutUs] = [of('with'), of('without')]
      return { withUs, withoutUs, ratio: withUs / withoutUs }
    }
    return { subscribers, cpu: added(0, ({ cpuUs }) => cpuUs), wall: added(10, ({ wallMs }) => wallMs * 1000) }
  })
}
