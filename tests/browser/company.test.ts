import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import type { Page as ServedPage } from '../../local/page'
import { faultsOf } from '../support/accessibility'
import { composerOf, openBrowser, say, untilState, visit } from '../support/browser'
import { serveBuiltPage } from '../support/built-page'
import { type Line, startLine } from '../support/line'
import { untilTypingIsHeard } from '../support/listening-pages'
import { sharedService } from '../support/shared-service'

let browser: Browser
let served: ServedPage
let line: Line
let throughLine: ServedPage

beforeAll(async () => {
  const { webSocketUrl } = sharedService('chat')
  line = await startLine(webSocketUrl)
  served = await serveBuiltPage(webSocketUrl)
  throughLine = await serveBuiltPage(line.webSocketUrl)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser.close()
  await Promise.all([served.stop(), throughLine.stop()])
  await line.close()
})

async function enter(name: string, room: string, { url } = served): Promise<Page> {
  const page = await visit(browser, url, { name, room })
  await untilState(page, 'Live')
  return page
}

const here = (page: Page, words: string) => page.getByRole('button', { name: words, exact: true })

test('The page shows its members and who is writing, without moving the composer', async () => {
  const room = randomUUID()
  const [ann, ben] = [await enter('Ann', room), await enter('Ben', room)]
  for (const page of [ann, ben]) await here(page, '2 here: Ann and Ben').waitFor()
  await untilTypingIsHeard(room, 2)
  const places = [await composerOf(ann).boundingBox(), await composerOf(ben).boundingBox()]

  await composerOf(ann).pressSequentially('Good')
  await ben.getByText('Ann is writing …').waitFor()
  await ben.getByRole('status').getByText('Ann is writing', { exact: true }).waitFor()
  expect(await ann.getByText('Ann is writing …').count()).toBe(0)
  expect([await composerOf(ann).boundingBox(), await composerOf(ben).boundingBox()]).toEqual(places)
  await ben.getByText('Ann is writing …').waitFor({ state: 'detached' }) // of itself

  await composerOf(ann).pressSequentially(' morning')
  await ben.getByText('Ann is writing …').waitFor()
  await say(ann, 'Good morning')
  await ben.getByText('Ann is writing …').waitFor({ state: 'detached' })
  // Regression: the page sent nothing for three seconds after its last typing event.
  await composerOf(ann).pressSequentially('How')
  await ben.getByText('Ann is writing …').waitFor()
})

test('The page shows a new name, that a member has left, and that it has returned', async () => {
  const room = randomUUID()
  const [ann, ben] = [await enter('Ann', room), await enter('Ben', room, throughLine)]
  await here(ann, '2 here: Ann and Ben').click()
  await ann.getByRole('region', { name: 'Who is here' }).getByText('Ben', { exact: true }).waitFor()
  expect(await faultsOf(ann)).toEqual([])
  await ann.keyboard.press('Escape')
  await ben.getByLabel('Your name').fill('Benno')
  await here(ann, '2 here: Ann and Benno').waitFor()
  line.cut()
  await here(ann, '1 here: Ann').waitFor()
  line.repair()
  await ben.evaluate("dispatchEvent(new Event('online'))") // it tries to connect at once
  for (const page of [ann, ben]) await here(page, '2 here: Ann and Benno').waitFor()
  await untilTypingIsHeard(room, 2)
  await composerOf(ben).pressSequentially('Back')
  await ann.getByText('Benno is writing …').waitFor()
})
