import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { channelTopic, taggedTopic } from '../../lib/channels/topic'
import type { Page as ServedPage } from '../../local/page'
import { openBrowser, messagesWith, say, untilState, visit } from '../support/browser'
import { serveBuiltPage } from '../support/built-page'
import { type Line, startLine } from '../support/line'
import { sharedService } from '../support/shared-service'
import { readStoredSubscriptions, type StoredSubscriptions } from '../support/stored-subscriptions'
import { until } from '../support/until'

let browser: Browser
const service = sharedService('chat')
let stored: StoredSubscriptions
let line: Line
let direct: ServedPage
let throughLine: ServedPage

beforeAll(async () => {
  stored = readStoredSubscriptions(service)
  line = await startLine(service.webSocketUrl)
  direct = await serveBuiltPage(service.webSocketUrl)
  throughLine = await serveBuiltPage(line.webSocketUrl)
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await Promise.all([direct.stop(), throughLine.stop()])
  await line.close()
  stored.close()
})

test.each(['graphql-ws', 'graphql-transport-ws'])(
  'a client that reconnects shows each missed message once and in order (%s)',
  async (protocol) => {
    const room = randomUUID()
    const listening = (count: number) =>
      until(
        () => stored.connectionsTo(taggedTopic(channelTopic('chat', room), 'fr')),
        ({ length }) => length === count,
      )
    const ada = await visit(browser, direct.url, { name: 'Ada', room, protocol })
    await untilState(ada, 'Live')
    const ben = await visit(browser, throughLine.url, { name: 'Ben', room, protocol })
    await untilState(ben, 'Live')
    await listening(2)
    await say(ada, 'First')
    await translated(ben, 'First')

    line.cut()
    await listening(1)
    for (const text of ['Second', 'Third', 'Fourth']) {
      await say(ada, text)
      await translated(ada, text)
    }
    line.repair()
    await untilState(ben, 'Live')
    await listening(2)
    await say(ada, 'Fifth')

    const texts = ['First', 'Second', 'Third', 'Fourth', 'Fifth']
    for (const text of texts) await translated(ben, text)
    const places = await Promise.all(texts.map((text) => placeOf(ben, text)))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    for (const text of texts) expect(await messagesWith(ben, text).count()).toBe(1)
    await Promise.all(browser.contexts().map((context) => context.close()))
  },
)

/** Resolves when both translations of a message are on the page. */
async function translated(page: Page, text: string): Promise<void> {
  for (const language of ['fr', 'de']) await page.getByText(`[${language}] ${text}`).waitFor()
}

/** The distance of a message from the top of the page, in pixels; NaN if it is not visible. */
async function placeOf(page: Page, text: string): Promise<number> {
  return (await messagesWith(page, text).boundingBox())?.y ?? Number.NaN
}
