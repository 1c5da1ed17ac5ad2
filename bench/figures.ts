import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reportFile } from './build'
import type { Report } from './measurements/measure-all'
import { howToRead } from './report/how-to-read'
import { asMarkdown } from './report/table'
import { machineOf, tablesOf } from './report/tables'

/** `npm run figures` writes docs/reference/figures.md from the last run of the bench. */
function main(): void {
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report
  const text = [
    '# Figures',
    '',
    'One whole run of `npm run bench`, as `npm run figures` has written it down. [Performance](../explanation/performance.md) says how it is measured, and',
    `what it means. ${machineOf(report)}`,
    '',
    ...tablesOf(report).map(asMarkdown),
    howToRead.replace('How to read it', '## How to read it'),
  ]
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'reference', 'figures.md'), text.join('\n'))
}

main()
