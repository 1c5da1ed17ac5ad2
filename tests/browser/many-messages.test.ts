import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Locator, Page } from 'playwright-core'
import type { Page as ServedPage } from '../../local/page'
import { composerOf, openBrowser, untilState, visit } from '../support/browser'
import { serveBuiltPage } from '../support/built-page'
import { patienceMs } from '../support/patience'
import { startTalkingServer, type TalkingServer } from '../support/talking-server'

const many = 5_000

let browser: Browser
let served: ServedPage
let server: TalkingServer
let page: Page
let log: Locator

beforeAll(async () => {
  server = await startTalkingServer()
  served = await serveBuiltPage(server.webSocketUrl)
  browser = await openBrowser()
  page = await visit(browser, served.url, {})
  log = page.getByRole('log')
  await untilState(page, 'Live')
  await server.untilSubscribed()
  server.say(many)
  await log.getByText(`Message ${many}`, { exact: true }).waitFor()
})

afterAll(async () => {
  await browser.close()
  await served.stop()
  await server.close()
})

test('The log holds all 5,000 messages and shows the last one', async () => {
  expect(await log.locator('li.message').count()).toBe(many)
  await untilInSight(log.getByText(`Message ${many}`, { exact: true }))
})

test('Duplicates of all messages are ignored', async () => {
  server.repeat()
  server.say(1)
  await untilInSight(log.getByText(`Message ${many + 1}`, { exact: true }))
  expect(await log.locator('li.message').count()).toBe(many + 1)
})

test('New messages do not scroll a reader who scrolled up; a button counts them and leads there', async () => {
  const first = log.getByText('Message 1', { exact: true })
  await log.press('Home')
  await untilInSight(first)
  server.say(2)
  await page.getByRole('button', { name: '2 new messages' }).waitFor()
  await untilInSight(first)
  await page.getByRole('button', { name: '2 new messages' }).click()
  await untilInSight(log.getByText(`Message ${many + 3}`, { exact: true }))
  await page.getByRole('button', { name: 'new messages' }).waitFor({ state: 'detached' })
  await log.and(page.locator(':focus')).waitFor()
})

test('Sending a message scrolls the log to its end', async () => {
  await log.press('Home')
  await untilInSight(log.getByText('Message 1', { exact: true }))
  await composerOf(page).fill('My own')
  await composerOf(page).press('Enter')
  await untilInSight(log.getByText('My own', { exact: true }))
})

/** Resolves when the element is inside the visible part of the transcript. Rejects after `patienceMs`. */
async function untilInSight(element: Locator): Promise<void> {
  const scroller = await log.boundingBox()
  if (!scroller) throw new Error('The transcript is not shown')
  const deadline = Date.now() + patienceMs
  while (Date.now() < deadline) {
    const box = await element.boundingBox()
    if (box && box.y >= scroller.y && box.y + box.height <= scroller.y + scroller.height) return
    await page.evaluate('new Promise(requestAnimationFrame)')
  }
  throw new Error(`Not in sight: ${String(element)}`)
}
