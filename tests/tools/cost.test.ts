import { expect, it } from '@jest/globals'
import { runTool } from '../support/run-tool'

it('prints a column for as many clients as it is told, with every assumption that it makes', async () => {
  const { code, output } = await runTool('cost', ['--clients', '500', '--hours-a-day', '24', '--keep-alive'])
  expect(code).toBe(0)
  expect(output).toMatch(/^--hours-a-day +24$/m)
  expect(output).toMatch(/^--keep-alive +true$/m)
  expect(output).toMatch(/^Dollars a month +500 clients$/m)
  expect(output).toMatch(/^Together +\d+\.\d\d$/m)
})

it.each([
  [['--hours-a-day', '25'], '--hours-a-day must be at most 24, not "25".'],
  [['--clients', 'many'], '--clients must be a number that is not negative, not "many".'],
  [['--clients=-1'], '--clients must be a number that is not negative, not "-1".'],
])('refuses %j', async (options, reason) => {
  expect(await runTool('cost', options)).toEqual({ code: 1, output: `${reason}\n` })
})
