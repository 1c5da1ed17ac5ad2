import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import type { Page as ServedPage } from '../../local/page'
import { faultsOf } from '../support/accessibility'
import { composerOf, openBrowser, messagesWith, say, untilState, visit } from '../support/browser'
import { serveBuiltPage } from '../support/built-page'
import { type Line, startLine } from '../support/line'
import { untilTypingIsHeard } from '../support/listening-pages'
import { sharedService } from '../support/shared-service'

let browser: Browser
let line: Line
let served: ServedPage
let room: string

beforeAll(async () => {
  line = await startLine(sharedService('chat').webSocketUrl)
  served = await serveBuiltPage(line.webSocketUrl)
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await served.stop()
  await line.close()
})

beforeEach(() => {
  room = randomUUID()
})

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()))
})

/** Opens the page as a user of the room. Resolves when its subscriptions are running. */
async function enter(name: string, { protocol, as }: { protocol?: string; as?: string } = {}): Promise<Page> {
  const page = await visit(browser, served.url, { name, room: as ?? room, ...(protocol && { protocol }) })
  await untilState(page, 'Live')
  await untilSubscribed(page)
  return page
}

/** Milliseconds: long for a translation, short for a test. */
const patienceMs = 4_000

/**
 * Sends messages until one of them comes back translated, because no frame confirms a subscription. Rejects after ten.
 */
async function untilSubscribed(page: Page): Promise<void> {
  for (let attempts = 10; attempts > 0; attempts--) {
    const greeting = `I am here ${randomUUID()}`
    await say(page, greeting)
    const translations = ['de', 'fr'].map((language) => page.getByText(`[${language}] ${greeting}`))
    const arrivals = translations.map((translation) => translation.waitFor({ timeout: patienceMs }))
    const outcomes = await Promise.allSettled(arrivals)
    if (outcomes.every(({ status }) => status === 'fulfilled')) return
  }
  throw new Error('The translations of a message do not come back.')
}

describe.each(['graphql-ws', 'graphql-transport-ws'])('Over %s', (protocol) => {
  test('both users see every message, its author and its French and German translations', async () => {
    const ada = await enter('Ada', { protocol })
    const ben = await enter('Ben', { protocol })
    await say(ada, 'Good morning')
    await say(ben, 'How are you?')
    for (const page of [ada, ben]) {
      const greeting = messagesWith(page, 'Good morning')
      await greeting.getByText('Bonjour').waitFor()
      await greeting.getByText('Guten Morgen').waitFor()
      const question = messagesWith(page, 'How are you?')
      await question.getByText('Comment allez-vous ?').waitFor()
      await question.getByText('Wie geht es dir?').waitFor()
      expect(await greeting.locator('.author').textContent()).toBe('Ada')
      expect(await question.locator('.author').textContent()).toBe('Ben')
    }
  })
})

test('Each text has its lang attribute, and no message is translated into its own language', async () => {
  const ada = await enter('Ada')
  await say(ada, 'Danke')
  const message = messagesWith(ada, 'Danke')
  await message.locator('p[lang="fr"]', { hasText: 'Merci' }).waitFor()
  expect(await message.locator('p.text').getAttribute('lang')).toBe('de')
  // A German translation of a German text would repeat it.
  expect(await message.locator('.translations p').count()).toBe(1)
})

test('Unchecking a language stops its subscription alone, and checking it starts a new one', async () => {
  const ada = await enter('Ada')
  const frames: string[] = []
  const context = await browser.newContext()
  const ben = await context.newPage()
  ben.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(String(payload))))
  await ben.goto(`${served.url}#/${room}`)
  await untilState(ben, 'Live')
  await untilSubscribed(ben)
  await say(ben, 'Hello')
  await messagesWith(ben, 'Hello').getByText('Hallo').waitFor()
  const german = frames.map((frame) => operation(frame)).find(({ languages }) => languages === 'de')
  expect(german).toMatchObject({ type: 'start' })

  await ben.getByRole('checkbox', { name: 'German' }).uncheck()
  await messagesWith(ben, 'Hello').getByText('Hallo').waitFor({ state: 'hidden' })
  await say(ada, 'Thank you')
  await messagesWith(ben, 'Thank you').getByText('Merci').waitFor()
  expect(frames.map(operation).filter(({ type }) => type === 'stop')).toEqual([{ type: 'stop', id: german?.id }])
  await messagesWith(ada, 'Thank you').getByText('Danke').waitFor()

  await ben.getByRole('checkbox', { name: 'German' }).check()
  await say(ben, 'Please')
  await messagesWith(ben, 'Please').getByText('Bitte').waitFor()
  await messagesWith(ben, 'Please').getByText("S'il vous plaît").waitFor()
  expect(await messagesWith(ben, 'Thank you').getByText('Danke').count()).toBe(0)
})

interface SentOperation {
  readonly type: string
  readonly id?: string
  readonly languages?: string
}

/** The members of a frame of subscriptions-transport-ws that identify a subscription. */
function operation(frame: string): SentOperation {
  const { type, id, payload } = JSON.parse(frame) as {
    type: string
    id?: string
    payload?: { variables?: { languages?: string[] } }
  }
  const languages = payload?.variables?.languages?.join()
  return { type, ...(id !== undefined && { id }), ...(languages !== undefined && { languages }) }
}

test('Messages written during an outage of the service arrive once when it is up again', async () => {
  const ada = await enter('Ada')
  const ben = await enter('Ben')
  line.cut()
  await Promise.all([untilState(ada, 'Reconnecting'), untilState(ben, 'Reconnecting')])
  await ada.locator('.countdown', { hasText: /in \d+ s/ }).waitFor()
  await ada.context().setOffline(true)
  await untilState(ada, 'Offline')
  for (const text of ['Good evening', 'See you tomorrow']) {
    await say(ada, text)
    await messagesWith(ada, text).getByText('Waiting to be sent').waitFor()
  }

  expect(await faultsOf(ada)).toEqual([])

  line.repair()
  await untilState(ben, 'Live')
  await untilSubscribed(ben)
  await ada.context().setOffline(false)
  await untilState(ada, 'Live')

  for (const page of [ada, ben]) {
    await messagesWith(page, 'Good evening').getByText('Guten Abend').waitFor()
    await messagesWith(page, 'See you tomorrow').getByText('Bis morgen').waitFor()
    await messagesWith(page, 'See you tomorrow').getByText('À demain').waitFor()
  }
  await say(ben, 'Good night')
  for (const page of [ada, ben]) {
    await messagesWith(page, 'Good night').getByText('Gute Nacht').waitFor()
    expect(await messagesWith(page, 'Good evening').count()).toBe(1)
    expect(await messagesWith(page, 'See you tomorrow').count()).toBe(1)
    await page.getByRole('button', { name: '2 here: Ada and Ben', exact: true }).waitFor()
  }
  await untilTypingIsHeard(room, 2)
  await composerOf(ada).pressSequentially('Yes')
  await ben.getByText('Ada is writing …').waitFor()
})

test('Enter sends, Shift+Enter inserts a line break, and the composer keeps the focus', async () => {
  const ada = await enter('Ada')
  await composerOf(ada).click()
  await ada.keyboard.type('First line')
  await ada.keyboard.press('Shift+Enter')
  await ada.keyboard.type('second line')
  expect(await composerOf(ada).inputValue()).toBe('First line\nsecond line')
  await ada.keyboard.press('Enter')
  await ada.getByText('[fr] First line second line').waitFor()
  await ada.keyboard.type('Still here')
  expect(await composerOf(ada).inputValue()).toBe('Still here')
})

test('On an open stage the page does not ask for a token', async () => {
  const ada = await enter('Ada')
  expect(await ada.getByLabel('Access token').isVisible()).toBe(false)
})

test('Messages are rendered as text, not as HTML', async () => {
  const ada = await enter('Ada')
  const text = '<img src=x onerror="document.title = 1"><b>bold</b> & &amp;'
  await say(ada, text)
  await ada.getByText(`[fr] ${text}`).waitFor()
  expect(await ada.getByRole('log').locator('img, b').count()).toBe(0)
})

test('A refused message shows the reason and can be taken back into the composer', async () => {
  const ada = await enter('Ada')
  const tooLong = 'x'.repeat(10_001)
  await say(ada, tooLong)
  const message = messagesWith(ada, tooLong)
  await message.getByText('"text" must be at most 10000 bytes of UTF-8, but is 10001.').waitFor()
  await composerOf(ada).fill('What I was writing')
  await message.getByRole('button', { name: 'Take back' }).click()
  await message.waitFor({ state: 'detached' })
  expect(await composerOf(ada).inputValue()).toBe(`${tooLong}\nWhat I was writing`)
})

test('The page shows the reason if the service refuses a room', async () => {
  const ada = await visit(browser, served.url, { room: 'x'.repeat(300) })
  await ada.getByRole('alert').getByText('"chatId" must be at most 256 bytes of UTF-8, but is 300.').waitFor()
})

test('Rooms are separate, and the page remembers visited rooms and the user name', async () => {
  const ada = await enter('Ada')
  const ben = await enter('Ben', { as: `${room} & more` })
  await say(ada, 'Yes')
  await messagesWith(ada, 'Yes').getByText('Oui').waitFor()
  await say(ben, 'No')
  await messagesWith(ben, 'No').getByText('Nein').waitFor()
  expect(await messagesWith(ben, 'Yes').count()).toBe(0)

  await ada.getByLabel('Another room').fill(`${room} & more`)
  await ada.getByRole('button', { name: 'Go' }).click()
  await ada.getByRole('heading', { level: 1, name: `${room} & more` }).waitFor()
  await say(ada, 'Maybe')
  await messagesWith(ben, 'Maybe').getByText('Vielleicht').waitFor()

  await ada.reload()
  await ada.getByRole('heading', { level: 1, name: `${room} & more` }).waitFor()
  expect(await ada.getByLabel('Your name').inputValue()).toBe('Ada')
  await ada.getByRole('link', { name: room, exact: true }).click()
  await ada.getByRole('heading', { level: 1, name: room, exact: true }).waitFor()
})
