import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { buildAll, outDir } from './build'
import { startCountingAws } from './counting-aws/server'
import { measureFirst } from './measurements/first'
import { measureFunctionCosts } from './measurements/function-costs'
import { measureLoading } from './measurements/loading'
import { measureMemory } from './measurements/memory'
import { measureObservability } from './measurements/observability'
import { countOperations } from './measurements/operations'
import { type Plan, planOf } from './measurements/plan'
import { countPublishCalls } from './measurements/publish-calls'
import { measureTrouble } from './measurements/trouble'
import { measureWarm } from './measurements/warm'
import { memorySizesOf } from './prices/memory-sizes'
import { plot } from './report/plot'
import { print } from './report/print'
import { checkStandIn } from './stand-ins/check'
import { startStandIns } from './stand-ins/start'

/** `npm run bench [-- --short] [-- --json]`: docs/performance.md says how to read it. */
async function main(): Promise<void> {
  await buildAll()
  await checkStandIn()
  const report = await measureAll(planOf(process.argv.includes('--short')))
  writeFileSync(join(outDir, 'bench.svg'), plot(report.warm.filter(({ delayMs }) => delayMs === 10)))
  if (process.argv.includes('--json')) console.log(JSON.stringify(report, null, 2))
  else print(report)
}

/** All figures of one run. */
export type Report = Awaited<ReturnType<typeof measureAll>>

async function measureAll(plan: Plan) {
  const standIns = await startStandIns()
  const aws = await startCountingAws(standIns)
  try {
    return {
      machine: { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length },
      warm: await timed('warm', () => measureWarm(standIns, plan)),
      first: await timed('first', () => measureFirst(standIns, plan)),
      publishCalls: await timed('calls', () => countPublishCalls(standIns, plan)),
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

/** Says on the side what is being measured, and how long it took. */
async function timed<T>(what: string, measure: () => T | Promise<T>): Promise<T> {
  const startMs = performance.now()
  const measured = await measure()
  process.stderr.write(`${what}: ${Math.round((performance.now() - startMs) / 1000)} s\n`)
  return measured
}

main().catch((error: unknown) => {
  console.error(error)
  // Some of what was started may still wait for a command.
  process.exit(1)
})
