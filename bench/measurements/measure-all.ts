import { cpus } from 'node:os'
import { startCountingAws } from '../counting-aws/server'
import { memorySizesOf } from '../prices/memory-sizes'
import { startStandIns } from '../stand-ins/start'
import { countEphemeralEvent } from './ephemeral-event'
import { measureFirst } from './first'
import { measureFunctionCosts } from './function-costs'
import { measureLoading } from './loading'
import { measureMemory } from './memory'
import { measureObservability } from './observability'
import { countOperations } from './operations'
import type { Plan } from './plan'
import { countPublishCalls } from './publish-calls'
import { measureTrouble } from './trouble'
import { measureWarm } from './warm'

/** All results of one run. */
export type Report = Awaited<ReturnType<typeof measureAll>>

export async function measureAll(plan: Plan) {
  const standIns = await startStandIns()
  const aws = await startCountingAws(standIns)
  try {
    return {
      machine: { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length },
      warm: await timed('warm', () => measureWarm(standIns, plan)),
      first: await timed('first', () => measureFirst(standIns, plan)),
      publishCalls: await timed('calls', async () => [
        ...(await countPublishCalls(standIns, plan)),
        await countEphemeralEvent({ aws, certificateFile: standIns.certificateFile }),
      ]),
      operations: await timed('operations', () =>
        countOperations({ aws, certificateFile: standIns.certificateFile }, plan),
      ),
      memory: await timed('memory', () => measureMemory(standIns, plan)),
      trouble: await timed('trouble', () => measureTrouble(standIns, plan)),
      observability: await timed('observability', () => measureObservability(standIns, plan)),
      memorySizes: (await timed('functions', () => measureFunctionCosts({ aws, standIns }, plan))).map(memorySizesOf),
      loading: await timed('loading', () => measureLoading(plan)),
    }
  } finally {
    standIns.stop()
    await aws.stop()
  }
}

/** Logs to stderr what is being measured, and how long it took. */
async function timed<T>(what: string, measure: () => T | Promise<T>): Promise<T> {
  const startMs = performance.now()
  const measured = await measure()
  process.stderr.write(`${what}: ${Math.round((performance.now() - startMs) / 1000)} s\n`)
  return measured
}
