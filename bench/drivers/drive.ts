import { randomUUID } from 'node:crypto'
import { executionsSoFar } from '../contenders/executions'

/** The cost of loading a function in a fresh process. */
export interface Loaded {
  readonly cpuUs: number
  readonly peakBytes: number
}

/** The cost and the result of an invocation. */
export interface Invocation {
  readonly cpuUs: number
  readonly peakBytes: number
  /** Subscription executions; 0 if they are not counted. */
  readonly executions: number
  readonly result: unknown
}

/** A handler as Lambda calls it. */
export type Handler = (event: unknown, context: { awsRequestId: string; getRemainingTimeInMillis(): number }) => unknown

/** Runs a function in this process as Lambda would: each message is an event, and is answered with its cost. */
export function drive(load: () => Handler): void {
  const loadingCpu = process.cpuUsage()
  const handler = load()
  const loaded: Loaded = { cpuUs: cpuUsSince(loadingCpu), peakBytes: peakBytes() }
  process.on('message', (event) => {
    void invoke(handler, event)
  })
  process.on('disconnect', () => process.exit())
  process.send?.(loaded)
}

async function invoke(handler: Handler, event: unknown): Promise<void> {
  const executionsBefore = executionsSoFar()
  const cpu = process.cpuUsage()
  try {
    const result = await handler(event, { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => 60_000 })
    const executions = executionsSoFar() - executionsBefore
    const taken = { cpuUs: cpuUsSince(cpu), peakBytes: peakBytes(), executions }
    const invocation: Invocation = { ...taken, result: result ?? null }
    process.send?.(invocation)
  } catch (error) {
    process.send?.({ failure: String(error) })
  }
}

function cpuUsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024
}
