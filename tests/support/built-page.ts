import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serviceDir } from '../../local/offline-command'
import { type Page, runVite, viteFile } from '../../local/page'

const run = promisify(execFile)

/**
 * Builds the static files of the page for a WebSocket API, as `npm run build:web` does, and serves them on a free port. With a URL of
 * tokens, the page offers to sign in, as beside `npm start`.
 */
export async function serveBuiltPage(webSocketUrl: string, tokenUrl?: string): Promise<Page> {
  const folder = await mkdtemp(join(tmpdir(), 'chat-page-'))
  await run(process.execPath, [viteFile, 'build', 'web', '--outDir', folder, '--emptyOutDir'], {
    cwd: serviceDir,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      VITE_WEBSOCKET_URL: webSocketUrl,
      ...(tokenUrl !== undefined && { VITE_TOKEN_URL: tokenUrl }),
    },
  })
  const { url, stop } = await runVite(['preview', 'web', '--outDir', folder, '--port', '0'])
  return {
    url,
    stop: async () => {
      await stop()
      await rm(folder, { recursive: true })
    },
  }
}
