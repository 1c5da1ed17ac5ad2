import { afterEach, expect, test } from '@jest/globals'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { serviceDir } from '../../local/offline-command'
import { freePorts } from '../support/service'

let start: ChildProcess | undefined

afterEach(async () => {
  if (start?.exitCode !== null || !start.kill()) return
  await once(start, 'exit')
})

test('npm start serves the page on the host of the service, with its addresses, until it ends', async () => {
  const ports = await freePorts()
  const running = spawn(process.execPath, [join('local', 'start.cjs'), '--host', '0.0.0.0'], {
    cwd: serviceDir,
    env: {
      ...process.env,
      PAGE_PORT: '0',
      ...ports,
      TRANSLATE: '',
      TOKEN_ISSUER: '',
      VITE_WEBSOCKET_URL: 'wss://forwarded.example.com',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  start = running
  const url = await pageAddress(running)
  const { address } = Object.values(networkInterfaces())
    .flat()
    .find((found) => found?.internal === false) ?? { address: '127.0.0.1' }
  const elsewhere = new URL(url)
  elsewhere.hostname = address.includes(':') ? '127.0.0.1' : address
  const html = await (await fetch(elsewhere)).text()
  expect(html).toContain('<div id="page">')
  const script = await (await fetch(new URL('src/main.tsx', url))).text()
  expect(script).toContain(`"VITE_WEBSOCKET_PORT": "${String(ports['WEBSOCKET_PORT'])}"`)
  expect(script).toContain('"VITE_WEBSOCKET_URL": "wss://forwarded.example.com"') // the user's setting takes precedence
  expect(script).toContain(`http://localhost:${String(ports['TOKEN_ISSUER_PORT'])}/token`)

  running.kill()
  await once(running, 'exit')
  await expect(fetch(url)).rejects.toThrow('fetch failed')
})

/** Resolves with the printed address of the page, once the service is ready. */
function pageAddress(running: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    for (const stream of [running.stdout, running.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const [, url] = /Chat page +(\S+)[^]*^Ready\.$/m.exec(output) ?? []
        if (url !== undefined) resolve(url)
      })
    }
    running.once('close', () => {
      reject(new Error(`npm start ended without an address. Its output:\n${output}`))
    })
  })
}
