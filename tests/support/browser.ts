import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core'

/**
 * A name of this machine that browsers take for that of another one: over plain HTTP, its pages have no secure context.
 */
export const insecureHost = 'page.example'

/** The address of the one Chromium. */
const variable = 'SHARED_BROWSER'

/** Starts the Chromium that jest.config.mjs has found. jest's workers inherit its address. @returns what ends it */
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
 * A browser that shares nothing with those of other suites. Closing it, which the caller does, ends its pages and
 * leaves Chromium running.
 */
export function openBrowser(): Promise<Browser> {
  const address = process.env[variable]
  if (address === undefined) throw new Error('tests/setup/browser.ts sets SHARED_BROWSER')
  return chromium.connect(address)
}

export interface Visit {
  readonly name?: string
  readonly room?: string
  readonly protocol?: string
  readonly options?: BrowserContextOptions
}

/**
 * Somebody with a browser of their own who opens the page. Resolves as soon as the page shows itself, connected or not.
 */
export async function visit(browser: Browser, url: string, { name, room, protocol, options }: Visit): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  const page = await context.newPage()
  const query = protocol === undefined ? '' : `?protocol=${protocol}`
  await page.goto(`${url}${query}#/${room ?? 'lobby'}`)
  if (name !== undefined) await page.getByLabel('Your name').fill(name)
  return page
}

/** Resolves when the page says that it is in this state. */
export async function untilState(
  page: Page,
  state: 'Live' | 'Reconnecting' | 'Offline' | 'Not connected',
): Promise<void> {
  await page.getByRole('status').getByText(state, { exact: true }).waitFor()
}

/** Where messages are written. */
export function composerOf(page: Page): Locator {
  return page.getByLabel('Message', { exact: true })
}

/** Writes a message and sends it with the Enter key. */
export async function say(page: Page, text: string): Promise<void> {
  await composerOf(page).fill(text)
  await composerOf(page).press('Enter')
}

/** The messages with this text, each with all that is shown of it. */
export function messagesWith(page: Page, text: string): Locator {
  return page.getByRole('log').locator('li.message', { has: page.getByText(text, { exact: true }) })
}
