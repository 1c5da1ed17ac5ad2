import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { serviceDir } from './offline-command'

export interface PageOptions {
  /**
   * The port of the WebSocket API, on the host that serves the page. The environment variable VITE_WEBSOCKET_URL
   * overrides both.
   */
  readonly webSocketPort: string
  /** The host that serves the page. Default: `localhost`. */
  readonly host: string | undefined
  /** The URL at which the local issuer issues tokens; undefined if the stage has another issuer. */
  readonly tokenUrl: string | undefined
  /** 0 means any free port. If the port is in use, the next free one is used. */
  readonly port: number
}

export interface Page {
  /** The URL to open in a browser. */
  readonly url: string
  readonly stop: () => Promise<void>
}

const viteFile = join(serviceDir, 'node_modules', 'vite', 'bin', 'vite.js')

/** The channel closes however this process ends, so no signal is needed. */
const endWithParent = 'data:text/javascript,process.once("disconnect", () => process.exit())'

/**
 * Serves web/ with Vite, which shows changes immediately. Resolves when it responds. Rejects with Vite's output if it
 * ends before that. It ends with this process at the latest.
 */
export async function servePage({ webSocketPort, host, tokenUrl, port }: PageOptions): Promise<Page> {
  const args = [
    'serve',
    'web',
    '--clearScreen',
    'false',
    '--port',
    String(port),
    ...(host === undefined ? [] : ['--host', host]),
  ]
  const vite = spawn(process.execPath, ['--import', endWithParent, viteFile, ...args], {
    cwd: serviceDir,
    env: {
      ...process.env,
      VITE_WEBSOCKET_PORT: webSocketPort,
      ...(tokenUrl !== undefined && { VITE_TOKEN_URL: tokenUrl }),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const exited = once(vite, 'close')
  return {
    url: await addressOf(vite),
    stop: async () => {
      vite.kill()
      await exited
    },
  }
}

/** Vite prints its URL as soon as it listens. */
function addressOf(vite: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    for (const stream of [vite.stdout, vite.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += stripVTControlCharacters(text)
        const [url] = /http:\/\/[^\s/]+:\d+\//.exec(output) ?? []
        if (url !== undefined) resolve(url)
      })
    }
    vite.once('close', () => {
      reject(new Error(`Vite could not serve the page. Its output:\n${output}`))
    })
  })
}
