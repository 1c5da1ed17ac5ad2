import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { servePage, type Page as ServedPage } from '../../local/page'
import { faultsOf } from '../support/accessibility'
import { openBrowser } from '../support/browser'
import { serveBuiltPage } from '../support/built-page'
import { sharedService } from '../support/shared-service'

let browser: Browser
let served: ServedPage

beforeAll(async () => {
  served = await serveBuiltPage(sharedService('chat').webSocketUrl, { mode: 'dev' })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser.close()
  await served.stop()
})

/** GraphiQL's own faults: a tab of the editor is an element with this role, and contains the buttons of the tab. */
const ofGraphiQL = [{ rule: 'nested-interactive', where: expect.stringMatching(/^<li [^>]*class="graphiql-tab /) }]

// Regression: Vite could not prepare the dependencies of the console, and the page stayed blank.
test('The console of `npm start` shows its editor on the first visit', async () => {
  const webSocketPort = new URL(sharedService('chat').webSocketUrl).port
  const started = await servePage({ webSocketPort, host: undefined, tokenUrl: undefined, port: 0 })
  try {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${started.url}console.html`)
    await page.locator('.graphiql-query-editor .view-line').first().waitFor()
  } finally {
    await started.stop()
  }
})

test('The console runs a query and a subscription over the WebSocket', async () => {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${served.url}console.html`)
  await page.locator('.graphiql-query-editor .view-line').first().waitFor() // the editor shows the examples
  const run = async (operation: string) => {
    // It opens a menu, and not before the console has parsed the examples.
    await page.locator('.graphiql-execute-button[aria-haspopup="menu"]').click()
    await page.getByRole('menuitem', { name: operation, exact: true }).click()
  }
  expect(await faultsOf(page)).toEqual(ofGraphiQL)
  await run('Greeting')
  await page.getByText('Hello from Apollo!').waitFor()
  expect(await faultsOf(page)).toEqual(ofGraphiQL)
  await run('Presence')
  await page.getByText('"joined"').waitFor()
  await page.getByRole('button', { name: /^Stop query/ }).click()
})

test('The page of a stage other than dev has no console', async () => {
  const other = await serveBuiltPage(sharedService('chat').webSocketUrl)
  expect((await fetch(`${other.url}console.html`)).status).toBe(404)
  await other.stop()
})
