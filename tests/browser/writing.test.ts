import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Browser, Locator } from 'playwright-core'
import type { Page as ServedPage } from '../../local/page'
import { type GatewayStandIn, startGatewayStandIn } from '../client/support/gateway-stand-in'
import { composerOf, insecureHost, messagesWith, openBrowser, say, untilState, visit } from '../support/browser'
import { serveBuiltPage } from '../support/built-page'
import { until } from '../support/until'

let browser: Browser
let served: ServedPage
let gateway: GatewayStandIn

beforeAll(async () => {
  gateway = await startGatewayStandIn()
  served = await serveBuiltPage(gateway.webSocketUrl)
  browser = await openBrowser()
})

beforeEach(() => {
  gateway.onMessage = () => false
})

afterEach(() => Promise.all(browser.contexts().map((context) => context.close())))

afterAll(async () => {
  await browser.close()
  await served.stop()
  await gateway.close()
})

// Safari ends the composition before the key event, whose isComposing is then false. Only its key code 229 identifies
// it.
test.each([
  ['Safari', { keyCode: 229, isComposing: false }],
  ['Chrome and Firefox', { keyCode: 229, isComposing: true }],
  ['some input methods of Linux', { keyCode: 13, isComposing: true }],
])('Enter that commits the text of an input method does not send the message (%s)', async (_browser, keys) => {
  const composer = composerOf(await visit(browser, served.url, {}))
  await composer.fill('日本語')
  await composer.evaluate((field: unknown, init) => {
    const { KeyboardEvent } = globalThis as unknown as { KeyboardEvent: new (type: string, init: object) => unknown }
    const event = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init })
    ;(field as { dispatchEvent: (event: unknown) => void }).dispatchEvent(event)
  }, keys)
  expect(await composer.inputValue()).toBe('日本語')
  await composer.press('Enter')
  await messagesWith(composer.page(), '日本語').waitFor()
  expect(await composer.inputValue()).toBe('')
})

test('Right-to-left text is displayed as such in the composer, the name field and room names', async () => {
  const page = await visit(browser, served.url, { room: 'שלום!', name: 'שרה!' })
  await composerOf(page).fill('مرحبا! (ok)')
  const places: Readonly<Record<string, Locator>> = {
    message: composerOf(page),
    name: page.getByLabel('Your name'),
    heading: page.getByRole('heading', { level: 1 }),
    room: page.locator('.rooms a').first(),
  }
  for (const [place, locator] of Object.entries(places))
    expect([place, await directionOf(locator)]).toEqual([place, 'rtl'])
  await composerOf(page).fill('hello')
  expect(await directionOf(composerOf(page))).toBe('ltr')
})

function directionOf(locator: Locator): Promise<string> {
  return locator.evaluate((element: unknown) => {
    const { getComputedStyle } = globalThis as unknown as { getComputedStyle: (of: unknown) => { direction: string } }
    return getComputedStyle(element).direction
  })
}

// Regression: the page stayed blank, because crypto.randomUUID and navigator.clipboard exist only in secure contexts.
test('Over plain HTTP the page works without the clipboard and says how to copy the link', async () => {
  const { port } = new URL(served.url)
  const page = await visit(browser, `http://${insecureHost}:${port}/`, {})
  expect(await page.evaluate('isSecureContext')).toBe(false)
  await untilState(page, 'Live')
  await say(page, 'Good morning')
  await messagesWith(page, 'Good morning').waitFor()
  await page.getByRole('button', { name: 'Copy link' }).click()
  await page.getByRole('status').getByText('Copy it from the address bar').waitFor()
})

// Regression: API Gateway closed the connection with 1009, again at each attempt to send the message.
test.each(['graphql-ws', 'graphql-transport-ws'])(
  'A message over the limit of API Gateway is refused, and the connection stays open (%s)',
  async (protocol) => {
    const page = await visit(browser, served.url, { protocol })
    await untilState(page, 'Live')
    const before = gateway.connections.length
    await say(page, '\u0001'.repeat(10_000)) // 60 KB as JSON
    await page.getByRole('log').getByText('API Gateway takes at most 32768: send less at once.').waitFor()
    await untilState(page, 'Live')
    expect(gateway.connections).toHaveLength(before)
    expect(JSON.stringify(gateway.connections.at(-1)?.received)).not.toContain('sendMessage')
  },
)

// Regression: the page showed "Live" for more than twelve minutes.
test.each(['graphql-ws', 'graphql-transport-ws'])(
  'The page detects a dead connection, reconnects and marks an unanswered message (%s)',
  async (protocol) => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.clock.install()
    await page.goto(`${served.url}?protocol=${protocol}#/lobby`)
    await page.clock.runFor(1_000)
    await untilState(page, 'Live')
    await say(page, 'Good morning')
    const before = gateway.connections.length
    gateway.connections.at(-1)?.fallSilent()
    await page.clock.runFor(25_000)
    await messagesWith(page, 'Good morning').getByText('it may or may not have arrived').waitFor()
    await page.clock.runFor(2_000)
    await connections(before + 1)
    await untilState(page, 'Live')

    gateway.connections.at(-1)?.fallSilent()
    await page.clock.runFor(255_000)
    await connections(before + 2)
    await untilState(page, 'Live')
  },
)

const connections = (count: number) =>
  until(
    () => Promise.resolve(gateway.connections.length),
    (length) => length === count,
  )
