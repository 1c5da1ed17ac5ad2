import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from '@jest/globals'

it('prints a column for as many clients as it is told, with every assumption that it makes', async () => {
  const { code, output } = await runCommand('--clients', '500', '--hours-a-day', '24', '--keep-alive')
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
  expect(await runCommand(...options)).toEqual({ code: 1, output: `${reason}\n` })
})

async function runCommand(...options: readonly string[]) {
  const child = spawn(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'tools/cost.ts', ...options])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, output }
}
