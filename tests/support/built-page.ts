import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { serviceDir } from '../../local/offline-command'
import type { Page } from '../../local/page'
import { listen } from '../../lib/local/stand-in'

/** Environment variable with the folder of the built page. */
const variable = 'BUILT_PAGE'

/** Placeholder in the built files for the URL of the WebSocket API, which differs from suite to suite. */
const placeholder = 'ws://page.invalid'

/**
 * Builds the static files of the page, as `npm run build:web` does. jest's workers inherit their folder in the
 * environment.
 *
 * @returns a function that deletes them
 */
export async function buildSharedPage(): Promise<() => Promise<void>> {
  const folder = await buildPage()
  process.env[variable] = folder
  return () => rm(folder, { recursive: true })
}

/** Options of a page that differs from the shared one. */
interface Building {
  /** URL of the token issuer. If it is set, the page has a sign-in form, as with `npm start`. */
  readonly tokenUrl?: string | undefined
  /** `dev` includes the console. Default: `production`. */
  readonly mode?: string
}

async function buildPage({ tokenUrl, mode = 'production' }: Building = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chat-page-'))
  const vite = join(serviceDir, 'node_modules', 'vite', 'bin', 'vite.js')
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', 'web', '--mode', mode, '--outDir', folder, '--emptyOutDir'],
    {
      cwd: serviceDir,
      env: {
        ...process.env,
        NODE_ENV: 'production',
        VITE_WEBSOCKET_URL: placeholder,
        ...(tokenUrl !== undefined && { VITE_TOKEN_URL: tokenUrl }),
      },
    },
  )
  return folder
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/**
 * Serves the page on a free port of localhost, connected to the WebSocket API at `webSocketUrl`. With `building` it
 * builds a page of its own, otherwise it serves the shared one. The caller stops the server.
 */
export async function serveBuiltPage(webSocketUrl: string, building?: Building): Promise<Page> {
  const own = building && (await buildPage(building))
  const files = await readFiles(own ?? sharedFolder(), webSocketUrl)
  if (own !== undefined) await rm(own, { recursive: true })
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost')
    const path = pathname === '/' ? '/index.html' : pathname
    const file = files.get(path)
    response
      .writeHead(file === undefined ? 404 : 200, { 'content-type': types[extname(path)] ?? 'text/plain' })
      .end(file)
  })
  const { endpoint, close } = await listen(server, 0)
  return { url: `${endpoint}/`, stop: close }
}

function sharedFolder(): string {
  const folder = process.env[variable]
  if (folder === undefined) throw new Error('tests/setup/browser.ts sets BUILT_PAGE')
  return folder
}

async function readFiles(folder: string, webSocketUrl: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return new Map(
    await Promise.all(
      paths.map(async (path) => {
        const text = await readFile(path, 'utf8')
        return [path.slice(folder.length), text.replaceAll(placeholder, webSocketUrl)] as const
      }),
    ),
  )
}
