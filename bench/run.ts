import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildAll, outDir, reportFile } from './build'
import { measureAll } from './measurements/measure-all'
import { planOf } from './measurements/plan'
import { howToRead } from './report/how-to-read'
import { plot } from './report/plot'
import { asText } from './report/table'
import { machineOf, tablesOf } from './report/tables'
import { checkStandIn } from './stand-ins/check'

/**
 * `npm run bench [-- --short]`: docs/explanation/performance.md explains the figures, and `npm run figures` writes
 * them.
 */
async function main(): Promise<void> {
  await buildAll()
  await checkStandIn()
  const report = await measureAll(planOf(process.argv.includes('--short')))
  writeFileSync(join(outDir, 'bench.svg'), plot(report.warm.filter(({ delayMs }) => delayMs === 10)))
  writeFileSync(reportFile, JSON.stringify(report, null, 2))
  console.log([machineOf(report), '', ...tablesOf(report).map(asText), howToRead].join('\n'))
}

main().catch((error: unknown) => {
  console.error(error)
  // Child processes may still wait for a command.
  process.exit(1)
})
