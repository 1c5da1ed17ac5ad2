import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import type { Page as ServedPage } from '../../local/page'
import { openBrowser, messagesWith, say, untilState, visit } from '../support/browser'
import { serveBuiltPage } from '../support/built-page'
import { type DroppingServer, startDroppingServer } from '../support/dropping-server'

let browser: Browser
let served: ServedPage
let server: DroppingServer

beforeEach(async () => {
  server = await startDroppingServer()
  served = await serveBuiltPage(server.webSocketUrl)
  browser = await openBrowser()
})

afterEach(async () => {
  await browser.close()
  await served.stop()
  await server.close()
})

// On reconnect, the clients of both protocols repeat an operation without an answer: the message would be sent twice.
describe.each(['graphql-ws', 'graphql-transport-ws'])('Over %s', (protocol) => {
  test('the page resends a message with a lost response only on request', async () => {
    const page = await visit(browser, served.url, { protocol })
    await untilState(page, 'Live')
    await say(page, 'First')
    const first = messagesWith(page, 'First')
    await first.getByText('it may or may not have arrived').waitFor()
    await untilState(page, 'Live')
    await say(page, 'Second')
    await messagesWith(page, 'Second').and(page.locator('[data-delivery="sent"]')).waitFor()
    expect(server.received()).toEqual(['First', 'Second'])

    await first.getByRole('button', { name: 'Send again' }).click()
    await page.locator('#message:focus').waitFor()
    await messagesWith(page, 'First').and(page.locator('[data-delivery="sent"]')).waitFor()
    expect(server.received()).toEqual(['First', 'Second', 'First'])
  })
})
