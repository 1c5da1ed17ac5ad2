import process from 'node:process'
import { messageOf } from '../lib/errors'
import { costReport } from './cost-report'

/** `npm run cost [-- --hours-a-day 8 --keep-alive …]`: prints the cost report, its warnings to stderr. */
try {
  const { text, warnings } = costReport(process.argv.slice(2))
  console.log(text)
  for (const warning of warnings) console.error(warning)
} catch (error) {
  console.error(messageOf(error))
  process.exitCode = 1
}
