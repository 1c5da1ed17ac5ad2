import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildAll, outDir } from './build'
import { measureAll } from './measurements/measure-all'
import { planOf } from './measurements/plan'
import { plot } from './report/plot'
import { print } from './report/print'
import { checkStandIn } from './stand-ins/check'

/** `npm run bench [-- --short] [-- --json]`: docs/performance.md says how to read it. */
async function main(): Promise<void> {
  await buildAll()
  await checkStandIn()
  const report = await measureAll(planOf(process.argv.includes('--short')))
  writeFileSync(join(outDir, 'bench.svg'), plot(report.warm.filter(({ delayMs }) => delayMs === 10)))
  if (process.argv.includes('--json')) console.log(JSON.stringify(report, null, 2))
  else print(report)
}

main().catch((error: unknown) => {
  console.error(error)
  // Some of what was started may still wait for a command.
  process.exit(1)
})
