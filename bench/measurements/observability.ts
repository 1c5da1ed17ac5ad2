import type { Measurement } from '../contenders/measure'
import { startContender } from '../contenders/start'
import type { StandIns } from '../stand-ins/start'
import { addTo, median, type Plan } from './plan'
import { publishServed } from './served'

export interface ObservabilityRow {
  readonly subscribers: number
  /** CPU of a whole publish in microseconds. */
  readonly withUs: number
  readonly withoutUs: number
  readonly ratio: number
}

/** What logger and metrics add to a warm publish at 0 ms: the same function with and without them, in turns. */
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
    for (let round = -Math.min(rounds, 20); round < Math.max(rounds, 3); round++) {
      for (const { variant, contender } of variants) {
        const command = { delayMs: 0 }
        const measurement = await publishServed({ name: 'project', contender, subscribers, standIns, command })
        if (round >= 0) addTo(samples, `${variant} ${subscribers}`, measurement)
      }
    }
  }
  for (const { contender } of variants) contender.stop()
  return sizes.map((subscribers) => {
    const cpu = (variant: string) => median((samples.get(`${variant} ${subscribers}`) ?? []).map(({ cpuUs }) => cpuUs))
    const [withUs, withoutUs] = [cpu('with'), cpu('without')]
    return { subscribers, withUs, withoutUs, ratio: withUs / withoutUs }
  })
}
