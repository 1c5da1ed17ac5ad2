import type { Room } from '../model'
import { executionsSoFar } from './executions'

/** The cost of a publish. */
export interface Measurement {
  readonly cpuUs: number
  readonly wallMs: number
  /** Since the process began, including loading. */
  readonly sinceStartMs: number
  /** Peak memory of the process so far. */
  readonly peakBytes: number
  /** Subscription executions for the event; 0 if they are not counted. */
  readonly executions: number
}

/** Runs a contender in this process: each message names a room to publish to, and is answered with the cost. */
export function measure(load: () => (room: Room) => Promise<void>): void {
  const publish = load()
  process.on('message', (room: Room) => {
    void measureOne(() => publish(room))
  })
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}

async function measureOne(publish: () => Promise<void>): Promise<void> {
  const executionsBefore = executionsSoFar()
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  try {
    await publish()
  } catch (error) {
    process.send?.({ failure: String(error) })
    return
  }
  const { user, system } = process.cpuUsage(cpu)
  const endMs = performance.now()
  const measurement: Measurement = {
    cpuUs: user + system,
    wallMs: endMs - startMs,
    sinceStartMs: endMs,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    executions: executionsSoFar() - executionsBefore,
  }
  process.send?.(measurement)
}
