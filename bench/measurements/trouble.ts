import type { PublisherName } from '../contenders/names'
import { startContender } from '../contenders/start'
import { connectionIdOf, everyone } from '../model'
import type { StandIns } from '../stand-ins/start'
import { type Plan, reasonOf } from './plan'

export interface TroubleRow {
  readonly contender: PublisherName
  readonly trouble: string
  readonly subscribers: number
  readonly served: number
  readonly outcome: string
}

const one = connectionIdOf(500)
const cases = [
  { trouble: 'one is gone', subscribers: 1_000, command: { delayMs: 10, gone: one } },
  { trouble: 'one takes 4 s', subscribers: 1_000, command: { delayMs: 10, slow: one } },
  { trouble: '500 a second', subscribers: 2_000, command: { delayMs: 10, throttleAbovePerSecond: 500 } },
]

/**
 * 1,000 subscribers at 10 ms, one of which is gone or takes 4 s; 2,000 subscribers on an API that accepts 500 posts/s.
 */
export async function measureTrouble(standIns: StandIns, { publishers }: Plan): Promise<readonly TroubleRow[]> {
  const rows: TroubleRow[] = []
  for (const contender of publishers) {
    for (const { trouble, subscribers, command } of cases) {
      const { publish, stop } = await startContender(contender, standIns)
      await standIns.behave(command)
      const outcome = await publish(everyone(subscribers)).then(({ wallMs }) => `${Math.round(wallMs)} ms`, reasonOf)
      const { served } = await standIns.behave({ delayMs: 0 })
      rows.push({ contender, trouble, subscribers, served, outcome })
      stop()
    }
  }
  return rows
}
