import { expect, it } from '@jest/globals'
import { defaultAssumptions } from '../../tools/monthly-cost'
import { costReport } from '../../tools/cost-report'
import { runScript } from '../support/run-script'

it('the command prints the assumptions and the monthly cost for the given number of clients', async () => {
  const { code, output } = await runScript('tools/cost.ts', ['--clients', '500', '--hours-a-day', '24', '--keep-alive'])
  expect(code).toBe(0)
  expect(output).toMatch(/^--hours-a-day +24$/m)
  expect(output).toMatch(/^--keep-alive +true$/m)
  expect(output).toMatch(/^Dollars a month +500 clients$/m)
  expect(output).toMatch(/^Together +\d+\.\d\d$/m)
})

it('--help lists every option with its meaning and its default', () => {
  const { text } = costReport(['--help'])
  expect(text).toMatch(/^Usage: npm run cost/)
  for (const name of Object.keys(defaultAssumptions)) {
    const option = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    expect(text).toMatch(new RegExp(`^  --${option} .+ \\(default: .+\\)$`, 'm'))
  }
})

it('warns about an option that contradicts another, and gives the cost', () => {
  const { text, warnings } = costReport(['--clients', '100', '--hours-a-day', '8'])
  expect(text).toMatch(/^Together/m)
  expect(warnings).toEqual([
    expect.stringContaining('Warning for 100 clients: 8 hours a day take at least 4 connections'),
  ])
})

it.each([
  [['--hours-a-day', '25'], 'Expected --hours-a-day to be at most 24, got "25".'],
  [['--silence-seconds', '600'], 'Expected --silence-seconds to be at most 540, got "600".'],
  [['--pings'], "Unknown option '--pings' (see npm run cost -- --help)"],
  [['--clients', 'many'], 'Expected --clients to be a non-negative number, got "many".'],
  [['--clients=-1'], 'Expected --clients to be a non-negative number, got "-1".'],
])('refuses %j', (options, reason) => {
  expect(() => costReport(options)).toThrow(reason)
})

it('the command prints a refusal without a stack trace, with exit code 1', async () => {
  const output = "Unknown option '--pings' (see npm run cost -- --help)\n"
  expect(await runScript('tools/cost.ts', ['--pings'])).toEqual({ code: 1, output })
})
