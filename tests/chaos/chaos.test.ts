import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, jest } from '@jest/globals'
import { serviceDir } from '../../local/offline-command'

jest.setTimeout(360_000) // the run itself waits for up to two minutes for what is lost, and as long for what is left

it('a chaos run loses nothing although calls fail at random', async () => {
  const args = ['--import', 'tsx', 'chaos/run.ts', '--seed', '1', '--seconds', '6', '--clients', '6']
  const run = spawn(process.execPath, args, { cwd: serviceDir, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [run.stdout, run.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [code] = (await once(run, 'close')) as [number | null]
  expect(output).toContain('Nothing was lost.')
  expect(output).toMatch(/\d+ × (dynamodb|sns|execute-api) /)
  expect(code).toBe(0)
})
