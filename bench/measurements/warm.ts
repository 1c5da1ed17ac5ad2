import type { Measurement } from '../contenders/measure'
import type { ContenderName } from '../contenders/names'
import { type Contender, prepareSocketsFor, startContender } from '../contenders/start'
import type { StandIns } from '../stand-ins/start'
import { addTo, median, type Plan, reasonOf } from './plan'
import { publishWarm } from './served'

export interface WarmCell {
  readonly contender: ContenderName
  readonly subscribers: number
  readonly delayMs: number
  /** CPU and time per delivery in microseconds, medians of the rounds. */
  readonly cpuUs: number
  readonly wallUs: number
  /** Why there are no figures; undefined if there are. */
  readonly failure?: string | undefined
}

/** The contenders take turns in each round, so that other activity of the machine affects all of them alike. */
export async function measureWarm(standIns: StandIns, plan: Plan): Promise<readonly WarmCell[]> {
  const { sizes, delaysMs, rounds, warmUpSizes } = plan
  prepareSocketsFor(sizes)
  const samples = new Map<string, Measurement[]>()
  const failures = new Map<string, string>()
  const contenders: { readonly name: ContenderName; readonly contender: Contender }[] = []
  for (const name of plan.contenders) {
    try {
      contenders.push({ name, contender: await startContender(name, standIns) })
    } catch (error) {
      for (const delayMs of delaysMs) {
        for (const subscribers of sizes) failures.set(keyOf(name, subscribers, delayMs), reasonOf(error))
      }
    }
  }
  for (const delayMs of delaysMs) {
    const command = { delayMs }
    for (let round = -1; round < rounds; round++) {
      for (const subscribers of round < 0 ? warmUpSizes : sizes) {
        for (let turn = 0; turn < turnsOf(subscribers); turn++) {
          // The order rotates, so that no contender always follows the same one.
          const first = turn % contenders.length
          for (const { name, contender } of [...contenders.slice(first), ...contenders.slice(0, first)]) {
            const key = keyOf(name, subscribers, delayMs)
            if (failures.has(key)) continue
            try {
              const measurement = await publishWarm({ name, contender, subscribers, standIns, command })
              if (round >= 0) addTo(samples, key, measurement)
            } catch (error) {
              failures.set(key, reasonOf(error))
            }
          }
        }
      }
    }
  }
  for (const { contender } of contenders) contender.stop()
  return plan.contenders.flatMap((contender) =>
    delaysMs.flatMap((delayMs) =>
      sizes.map((subscribers) => {
        const key = keyOf(contender, subscribers, delayMs)
        const each = (pick: (measurement: Measurement) => number) =>
          median((samples.get(key) ?? []).map(pick)) / subscribers
        const figures = { cpuUs: each(({ cpuUs }) => cpuUs), wallUs: each(({ wallMs }) => wallMs * 1000) }
        return { contender, subscribers, delayMs, ...figures, failure: failures.get(key) }
      }),
    ),
  )
}

/** The number of publishes per round: short ones vary more. */
function turnsOf(subscribers: number): number {
  return Math.min(20, Math.max(1, 1_000 / subscribers))
}

function keyOf(name: ContenderName, subscribers: number, delayMs: number): string {
  return `${name} ${subscribers} ${delayMs}`
}
