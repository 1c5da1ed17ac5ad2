import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { offlineCommand, serviceDir } from './offline-command'
import { servePage } from './page'

/**
 * The ports of the chat page, the WebSocket API and the local token issuer (serverless.yml), with their environment
 * variables.
 */
const { PAGE_PORT = '5173', WEBSOCKET_PORT = '3001', TOKEN_ISSUER_PORT = '4004' } = process.env

/** The user's own issuer replaces the local one. */
const { TOKEN_ISSUER = '' } = process.env

const args = process.argv.slice(2)
const { websocketPort = WEBSOCKET_PORT, host } = parseArgs({
  args,
  strict: false, // all other options are for serverless-offline
  options: { websocketPort: { type: 'string' }, host: { type: 'string' } },
}).values

start().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})

/**
 * Serves the chat page on the same host as the service. Options after `npm start --` are passed to `sls offline start`.
 */
async function start(): Promise<void> {
  const page = await servePage({
    webSocketPort: String(websocketPort),
    host: typeof host === 'string' ? host : undefined,
    tokenUrl: TOKEN_ISSUER === '' ? `http://localhost:${TOKEN_ISSUER_PORT}/token` : undefined,
    port: Number(PAGE_PORT),
  })
  const offline = spawn(process.execPath, [...offlineCommand, ...args], {
    cwd: serviceDir,
    env: { ...process.env, PAGE_URL: page.url },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'], // the channel ends it if this process is killed: local/plugin.ts
  })

  offline.on('exit', (code) => process.exit(code ?? 1))

  // A terminal sends ctrl-c to every process of the command; `kill` and process managers only signal this one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => offline.kill(signal))

  // If npm is killed, only the shell between npm and this process ends, and no signal arrives here.
  if (process.env['npm_lifecycle_event'] === 'start') {
    const shell = process.ppid
    setInterval(() => {
      if (process.ppid !== shell) offline.kill('SIGTERM')
    }, 500)
  }
}
