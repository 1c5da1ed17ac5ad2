import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import type { Page as ServedPage } from '../../local/page'
import { faultsOf } from '../support/accessibility'
import { openBrowser, messagesWith, say, untilState, visit } from '../support/browser'
import { serveBuiltPage } from '../support/built-page'
import { type GuardedServer, startGuardedServer } from '../support/guarded-server'

let browser: Browser
let served: ServedPage
let server: GuardedServer

beforeAll(async () => {
  server = await startGuardedServer('right')
  served = await serveBuiltPage(server.webSocketUrl)
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await served.stop()
  await server.close()
})

beforeEach(() => {
  server.changeToken('right', 'Unauthorized')
})

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()))
})

describe.each(['graphql-ws', 'graphql-transport-ws'])('Over %s', (protocol) => {
  test('the page asks for a token, refuses a wrong one and connects with the right one', async () => {
    const page = await visit(browser, served.url, { protocol })
    await page.getByRole('alert').getByText('This chat needs a token.').waitFor()
    await page.getByRole('alert').getByText('The service says: Unauthorized').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await untilState(page, 'Not connected')
    await enterToken(page, 'wrong')
    await page.getByRole('alert').getByText('Your token was refused.').waitFor()
    await enterToken(page, 'right')
    await untilState(page, 'Live')
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test('the page reports an expired token and queues messages until a new token is entered', async () => {
    const page = await visit(browser, served.url, { protocol })
    const expired = `header.${Buffer.from('{"exp":1}').toString('base64url')}.signature`
    server.changeToken(expired, 'Unauthorized')
    await enterToken(page, expired)
    await untilState(page, 'Live')
    server.changeToken('new', 'The token has expired.')
    await page.getByRole('alert').getByText('Your token has run out.').waitFor()
    await say(page, 'Good morning')
    await messagesWith(page, 'Good morning').getByText('Waiting to be sent').waitFor()
    await enterToken(page, 'new')
    await untilState(page, 'Live')
    await messagesWith(page, 'Good morning').getByText('Sending').waitFor()
  })

  test('the page keeps the token for its tab across a reload, not for other tabs', async () => {
    const page = await visit(browser, served.url, { protocol })
    await enterToken(page, 'right')
    await untilState(page, 'Live')
    await page.reload()
    await untilState(page, 'Live')
    const other = await page.context().newPage()
    await other.goto(page.url())
    await other.getByRole('alert').getByText('This chat needs a token.').waitFor()
  })
})

async function enterToken(page: Page, token: string): Promise<void> {
  const form = page.getByRole('region', { name: 'Access' })
  await form.getByLabel('Access token').fill(token)
  await form.getByRole('button', { name: 'Connect' }).click()
}
