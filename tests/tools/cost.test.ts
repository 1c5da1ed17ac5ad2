import { expect, it } from '@jest/globals'
import { runTool } from '../support/run-tool'

it('the command prints the assumptions and the monthly cost for the given number of clients', async () => {
  const { code, output } = await runTool('cost', ['--clients', '500', '--hours-a-day', '24', '--keep-alive'])
  expect(code).toBe(0)
  expect(output).toMatch(/^--hours-a-day +24$/m)
  expect(output).toMatch(/^--keep-alive +true$/m)
  expect(output).toMatch(/^Dollars a month +500 clients$/m)
  expect(output).toMatch(/^Together +\d+\.\d\d$/m)
})

it.each([
  [['--hours-a-day', '25'], 'Expected --hours-a-day to be at most 24, got "25".'],
  [['--clients', 'many'], 'Expected --clients to be a non-negative number, got "many".'],
  [['--clients=-1'], 'Expected --clients to be a non-negative number, got "-1".'],
])('the command refuses %j', async (options, reason) => {
  expect(await runTool('cost', options)).toEqual({ code: 1, output: `${reason}\n` })
})
