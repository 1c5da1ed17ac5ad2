import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { Browser, Locator, Page } from 'playwright-core'
import type { Page as ServedPage } from '../../local/page'
import { faultsOf } from '../support/accessibility'
import { messagesWith, openBrowser, say, untilState, visit } from '../support/browser'
import { serveBuiltPage } from '../support/built-page'
import { untilFollowed } from '../support/listening-pages'
import { sharedService } from '../support/shared-service'

/** The page with the local token issuer, as `npm start` serves it. */
let browser: Browser
let served: ServedPage

beforeAll(async () => {
  const { webSocketUrl, tokenUrl } = sharedService('chat')
  served = await serveBuiltPage(webSocketUrl, { tokenUrl: tokenUrl })
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await served.stop()
})

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()))
})

describe.each(['graphql-ws', 'graphql-transport-ws'])('Over %s', (protocol) => {
  test('a member of a group can enter its room', async () => {
    const room = `group:${protocol}`
    const page = await visit(browser, served.url, { protocol, room })
    await page.getByRole('alert').getByText('This chat needs a token.').waitFor()
    await page.getByLabel('Another room').fill('lobby')
    await page.getByRole('button', { name: 'Go' }).click()
    await untilState(page, 'Live')
    await page.getByRole('link', { name: room }).click()
    await signIn(page, { user: 'ann', groups: protocol })
    await untilState(page, 'Live')
    await page.locator('#message:focus').waitFor()
    await untilFollowed(room, 1)
    await say(page, 'Good morning')
    await messagesWith(page, 'Good morning').getByText('Bonjour').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test('a user outside a group sees that its room is for members only', async () => {
    const page = await visit(browser, served.url, { protocol, room: 'group:staff' })
    await signIn(page, { user: 'ben', groups: '' })
    await page.getByRole('alert').getByText('This chat is for the members of its group.').waitFor()
  })
})

test.each(['light', 'dark'] as const)(
  'The menu shows the signed-in user and passes the axe accessibility checks (%s theme)',
  async (colorScheme) => {
    const room = randomUUID()
    const page = await visit(browser, served.url, { room, options: { colorScheme, reducedMotion: 'reduce' } })
    const menu = page.getByRole('navigation')
    await untilState(page, 'Live')
    await untilFollowed(room, 1)
    await say(page, 'Good morning')
    await messagesWith(page, 'Good morning').getByText('Bonjour').waitFor()
    await menu.getByText('Connection', { exact: true }).click()
    await menu.getByLabel('Sign in as').fill('ann')
    await menu.getByLabel('Sign in as').press('Enter')
    await menu.getByRole('status').getByText('Signed in as ann.').waitFor()
    await untilState(page, 'Live')
    // The service resumes a subscription for the same user only.
    await page.getByRole('alert').getByText('while this page was not connected may be missing here.').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.locator('#message:focus').waitFor()
  },
)

// Regression: the button beside a field was cut off.
test('At a width of 320 px the sign-in form fits into the page and into the menu', async () => {
  const page = await visit(browser, served.url, { room: 'group:staff' })
  await page.setViewportSize({ width: 320, height: 640 })
  const form = page.getByRole('region', { name: 'Access' })
  await form.getByLabel('Sign in as').waitFor()
  expect(await hiddenWidth(form)).toBe(0)
  await page.getByRole('button', { name: 'Rooms' }).click()
  const menu = page.getByRole('navigation')
  await menu.getByText('Connection', { exact: true }).click()
  await menu.getByLabel('Sign in as').waitFor()
  expect(await hiddenWidth(menu)).toBe(0)
})

test('The page shows the reason if signing in fails', async () => {
  const page = await visit(browser, served.url, {})
  await untilState(page, 'Live')
  const menu = page.getByRole('navigation')
  await menu.getByText('Connection', { exact: true }).click()
  await menu.getByLabel('Sign in as').fill('x'.repeat(256))
  await menu.getByRole('button', { name: 'Sign in' }).click()
  await menu.getByRole('status').getByText('to have 1 to 255 characters').waitFor()
  await page.route('**/token?*', (route) => route.abort())
  await menu.getByRole('button', { name: 'Sign in' }).click()
  await menu.getByRole('status').getByText('The local token issuer does not answer').waitFor()
})

/** The width of an element's content that is cut off, in pixels. */
function hiddenWidth(element: Locator): Promise<number> {
  return element.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)
}

interface Person {
  readonly user: string
  readonly groups: string
}

async function signIn(page: Page, { user, groups }: Person): Promise<void> {
  const form = page.getByRole('region', { name: 'Access' })
  await form.getByLabel('Sign in as').fill(user)
  await form.getByLabel('Groups').fill(groups)
  await form.getByRole('button', { name: 'Sign in' }).click()
}
