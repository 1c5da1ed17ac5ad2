import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core'

/**
 * A host name that Chromium resolves to this machine but does not treat as localhost: over plain HTTP, its pages have
 * no secure context.
 */
export const insecureHost = 'page.example'

/** Environment variable with the WebSocket address of the shared Chromium. */
const variable = 'SHARED_BROWSER'

/**
 * Starts the Chromium that jest.config.mjs has found. jest's workers inherit its address in the environment.
 *
 * @returns a function that stops it
 */
export async function startSharedBrowser(): Promise<() => Promise<void>> {
  const executablePath = process.env['CHROMIUM_PATH']
  if (executablePath === undefined) throw new Error('jest.config.mjs sets CHROMIUM_PATH')
  const server = await chromium.launchServer({
    executablePath,
    args: [
      ...['--disable-gpu', '--disable-quic', '--disable-component-update', '--disable-background-networking'],
      `--host-resolver-rules=MAP ${insecureHost} localhost`,
    ],
  })
  process.env[variable] = server.wsEndpoint()
  return () => server.close()
}

/**
 * Playwright's time-out of each action and each wait on a page. Its own 30 s are too short on a busy machine: Vite
 * prepares the dependencies of the console at its first visit, and a page may pause for 30 s before it reconnects.
 */
const pagePatienceMs = 80_000

/**
 * Opens a browser in the shared Chromium, isolated from those of other suites. The caller closes it, which closes its
 * pages and leaves Chromium running.
 */
export async function openBrowser(): Promise<Browser> {
  const address = process.env[variable]
  if (address === undefined) throw new Error('tests/setup/browser.ts sets SHARED_BROWSER')
  const browser = await chromium.connect(address)
  browser.on('context', (context) => {
    context.setDefaultTimeout(pagePatienceMs)
  })
  return browser
}

export interface Visit {
  readonly name?: string
  readonly room?: string
  readonly protocol?: string
  readonly options?: BrowserContextOptions
}

/**
 * Opens the page in a new browser context, which has a storage of its own like the browser of another user. Resolves
 * when the page is loaded, connected or not, and `name` is filled in.
 */
export async function visit(browser: Browser, url: string, { name, room, protocol, options }: Visit): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  const page = await context.newPage()
  const query = protocol === undefined ? '' : `?protocol=${protocol}`
  await page.goto(`${url}${query}#/${room ?? 'lobby'}`)
  if (name !== undefined) await page.getByLabel('Your name').fill(name)
  return page
}

/** Resolves when the page shows this connection state. Rejects after `pagePatienceMs`. */
export async function untilState(
  page: Page,
  state: 'Live' | 'Reconnecting' | 'Offline' | 'Not connected',
): Promise<void> {
  await page.getByRole('status').getByText(state, { exact: true }).waitFor()
}

/** The text field for new messages. */
export function composerOf(page: Page): Locator {
  return page.getByLabel('Message', { exact: true })
}

/** Types a message and sends it with the Enter key. */
export async function say(page: Page, text: string): Promise<void> {
  await composerOf(page).fill(text)
  await composerOf(page).press('Enter')
}

/** The list items of the messages with exactly this text, translations and status included. */
export function messagesWith(page: Page, text: string): Locator {
  return page.getByRole('log').locator('li.message', { has: page.getByText(text, { exact: true }) })
}
