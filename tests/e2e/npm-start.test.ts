import { afterEach, expect, test } from '@jest/globals'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { serviceDir } from '../../local/offline-command'
import { freePorts } from '../support/service'

let start: ChildProcess | undefined

afterEach(async () => {
  if (start?.exitCode !== null || !start.kill()) return
  await once(start, 'exit')
})

test('npm start serves the page beside the service, tells it where the service is, and ends with it', async () => {
  const ports = await freePorts()
  const running = spawn(process.execPath, [join('local', 'start.cjs')], {
    cwd: serviceDir,
    env: {
      ...process.env,
      PAGE_PORT: '0',
      ...ports,
      TRANSLATE: '',
      TOKEN_ISSUER: '',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  start = running
  const url = await pageAddress(running)
  const html = await (await fetch(url)).text()
  expect(html).toContain('<div id="page">')
  const script = await (await fetch(new URL('src/main.tsx', url))).text()
  expect(script).toContain(`ws://localhost:${String(ports['WEBSOCKET_PORT'])}`)
  expect(script).toContain(`http://localhost:${String(ports['TOKEN_ISSUER_PORT'])}/token`)

  running.kill()
  await once(running, 'exit')
  await expect(fetch(url)).rejects.toThrow('fetch failed')
})

/** The address that is printed, as soon as the service is ready. */
function pageAddress(running: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    running.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const [, url] = /Chat page +(\S+)[^]*^Ready\.$/m.exec(output) ?? []
      if (url !== undefined) resolve(url)
    })
    running.once('close', () => {
      reject(new Error(`npm start ended without an address. Its output:\n${output}`))
    })
  })
}
