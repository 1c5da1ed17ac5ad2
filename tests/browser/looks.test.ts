import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { trueOrFalse } from '../../lib/environment'
import { serviceDir } from '../../local/offline-command'
import type { Page as ServedPage } from '../../local/page'
import { faultsOf } from '../support/accessibility'
import { openBrowser, messagesWith, say, untilState, visit } from '../support/browser'
import { serveBuiltPage } from '../support/built-page'
import { untilFollowed } from '../support/listening-pages'
import { sharedService } from '../support/shared-service'

/** `SCREENSHOTS=true npx jest tests/browser/looks` renews the screenshots of the documentation. */
const wantsScreenshots = trueOrFalse('SCREENSHOTS', { byDefault: false })
const imageFolder = join(serviceDir, 'docs', 'images')

const looks = [
  { name: 'light', colorScheme: 'light', width: 1000, height: 760 },
  { name: 'dark', colorScheme: 'dark', width: 1000, height: 760 },
  { name: 'narrow', colorScheme: 'light', width: 320, height: 640 },
  { name: 'wide', colorScheme: 'light', width: 1600, height: 900 },
] as const

const conversation = [
  { author: 'Ada', text: 'Good morning', translations: ['Bonjour', 'Guten Morgen'] },
  { author: 'Ben', text: 'Hallo zusammen', translations: ['Bonjour à tous'] },
  { author: 'Ben', text: 'How are you?', translations: ['Comment allez-vous ?', 'Wie geht es dir?'] },
  { author: 'Ada', text: 'Je vais bien, merci', translations: ['Mir geht es gut, danke'] },
  { author: 'Ada', text: 'And you?', translations: ['Et vous ?', 'Und dir?'] },
  { author: 'Ben', text: 'I am on my way', translations: ['Je suis en route', 'Ich bin unterwegs'] },
] as const

let browser: Browser
let served: ServedPage
let ada: Page

beforeAll(async () => {
  served = await serveBuiltPage(sharedService('chat').webSocketUrl)
  browser = await openBrowser()
  ada = await openConversation()
})

afterAll(async () => {
  await browser.close()
  await served.stop()
})

test.each(looks)(
  'The chat passes the axe accessibility checks ($name)',
  async ({ name, colorScheme, width, height }) => {
    await ada.setViewportSize({ width, height })
    await ada.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await faultsOf(ada)).toEqual([])
    if (wantsScreenshots) await ada.screenshot({ path: join(imageFolder, `chat-${name}.png`) })
  },
)

test.each(['light', 'dark'] as const)(
  'A refused message and the open menu pass the axe accessibility checks (%s theme)',
  async (colorScheme) => {
    const page = await visit(browser, served.url, {
      room: randomUUID(),
      options: { colorScheme, reducedMotion: 'reduce' },
    })
    await untilState(page, 'Live')
    await say(page, 'x'.repeat(10_001))
    await page.getByText('Not sent.').waitFor()
    await page.getByText('Connection', { exact: true }).click()
    expect(await faultsOf(page)).toEqual([])
    await page.setViewportSize({ width: 320, height: 640 })
    await page.getByRole('button', { name: 'Rooms' }).click()
    expect(await faultsOf(page)).toEqual([])
  },
)

test('At a width of 320 px the page does not overflow and shows every control in full', async () => {
  await ada.setViewportSize({ width: 320, height: 640 })
  expect(await ada.evaluate('document.documentElement.scrollWidth')).toBe(320)
  for (const control of await ada.locator('button:visible, input:visible, textarea:visible').all()) {
    const box = await control.boundingBox()
    expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? Infinity) <= 320).toBe(true)
  }
})

/** Opens a conversation of two people. @returns the page of the first of them */
async function openConversation(): Promise<Page> {
  // Other suites visit the lobby, and this one counts who is here.
  const room = wantsScreenshots ? 'lobby' : 'gallery'
  const pages = {
    Ada: await visit(browser, served.url, { name: 'Ada', room: 'terrace' }),
    Ben: await visit(browser, served.url, { name: 'Ben', room }),
  }
  await pages.Ada.goto(`${served.url}#/${room}`)
  for (const page of [pages.Ada, pages.Ben]) await untilState(page, 'Live')
  await untilFollowed(room, 2)
  for (const { author, text, translations } of conversation) {
    await say(pages[author], text)
    for (const page of [pages.Ada, pages.Ben]) {
      for (const translation of translations) await messagesWith(page, text).getByText(translation).waitFor()
    }
  }
  await pages.Ada.getByRole('button', { name: '2 here: Ada and Ben' }).waitFor()
  return pages.Ada
}
