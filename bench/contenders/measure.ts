import type { Room } from '../model'
import { executionsSoFar } from './executions'

/** What a publish took. */
export interface Measurement {
  readonly cpuUs: number
  readonly wallMs: number
  /** Since the process began, its loading included. */
  readonly sinceStartMs: number
  /** The most that the process has held so far. */
  readonly peakBytes: number
  /** Runs of subscriptions against the event; 0 where nobody counts. */
  readonly executions: number
}

/** Runs a contender in this process: each room it is sent is one publish to that room, answered with what it took. */
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
