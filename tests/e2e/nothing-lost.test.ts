import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { type Line, startLine } from '../support/line'
import { postGraphql } from '../support/post-graphql'
import { sharedService } from '../support/shared-service'
import { readStoredSubscriptions, type StoredSubscriptions } from '../support/stored-subscriptions'
import { until } from '../support/until'
import { type RealClient, realClients } from './real-clients'

const service = sharedService()
let stored: StoredSubscriptions
let line: Line

beforeAll(async () => {
  stored = readStoredSubscriptions(service)
  line = await startLine(service.webSocketUrl)
})

afterAll(async () => {
  stored.close()
  await line.close()
})

const clients: RealClient[] = []

afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

const greetings = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']

describe.each(Object.entries(realClients))('%s', (name, connect) => {
  const join = (url: string, params?: Readonly<Record<string, unknown>>): RealClient => {
    const client = connect(url, params)
    clients.push(client)
    return client
  }

  it('gets what it missed while it was cut off, in its order, and then what comes', async () => {
    const room = `cut off: ${name}`
    const client = join(line.webSocketUrl, { clientId: randomUUID() })
    const heard = listen(client, `messages(chatId: "${room}", languages: ["fr"])`)
    const [connectionId = ''] = await until(
      () => stored.connectionsIn(room),
      ({ length }) => length === 1,
    )
    await say(room, 'one')
    await heard.until('one')

    line.cut()
    await until(
      () => stored.connectionsIn(room),
      (connections) => !connections.includes(connectionId),
    )
    for (const text of ['two', 'three', 'four']) await say(room, text)
    line.repair()
    await heard.until('four')
    await until(
      () => stored.connectionsIn(room),
      ({ length }) => length === 1,
    )
    await say(room, 'five')
    await heard.until('five')

    expect(withoutRepetitions(heard.texts())).toEqual(['one', 'two', 'three', 'four', 'five'])
  })

  it('misses nothing when it connects anew by itself while messages are sent', async () => {
    const room = `planned: ${name}`
    const client = join(service.webSocketUrl, { clientId: randomUUID() })
    const heard = listen(client, `messages(chatId: "${room}", languages: ["fr"])`)
    const connected = () => stored.connectionsIn(room)
    const [connectionId = ''] = await until(connected, ({ length }) => length === 1)
    const posting = Promise.all(greetings.map((text) => post(room, text)))
    await heard.until('one')
    client.reconnect()
    await posting
    await until(connected, (connections) => connections.length === 1 && !connections.includes(connectionId))
    for (const text of greetings) await heard.until(text)
  })

  it('gets what comes after the number that it has, and then what comes', async () => {
    const room = `after: ${name}`
    for (const text of ['one', 'two', 'three']) await say(room, text)
    const { messages } = await logOf(room, (found) => found.length === 6)
    const last = messages.findIndex(({ sourceText }) => sourceText === 'one')
    const client = join(line.webSocketUrl)
    const heard = listen(client, `messages(chatId: "${room}", after: ${messages[last]?.sequence ?? 0})`)
    await heard.until('three')
    await until(
      () => stored.connectionsIn(room, null),
      ({ length }) => length === 1,
    )
    await say(room, 'four')
    await heard.until('four')
    const expected = messages.slice(last + 1).map(({ sourceText }) => sourceText)
    expect(heard.texts().slice(0, expected.length)).toEqual(expected)
  })
})

describe('the numbers of a chat', () => {
  it('are 1, 2, 3 without a hole though its translations come at the same time', async () => {
    await Promise.all(greetings.map((text) => post('numbers', text)))
    const { messages } = await logOf('numbers', (found) => found.length === 16)
    expect(messages.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 16 }, (_, n) => n + 1))
    const second = await query('{ messages(chatId: "numbers", after: 5, first: 3) { sequence sourceText } }')
    expect(second).toEqual({ messages: messages.slice(5, 8) })
  })
})

interface Found {
  readonly sequence: number
  readonly sourceText: string
}

async function logOf(room: string, complete: (found: readonly Found[]) => boolean) {
  const find = () =>
    query(`{ messages(chatId: "${room}") { sequence sourceText } }`) as Promise<{ readonly messages: readonly Found[] }>
  return until(find, ({ messages }) => complete(messages))
}

function listen(client: RealClient, field: string) {
  const texts: string[] = []
  client.subscribe(`subscription { ${field} { sourceText } }`, (data) => {
    texts.push((data as { readonly messages: { readonly sourceText: string } }).messages.sourceText)
  })
  return {
    texts: () => texts,
    until: (text: string) =>
      until(
        () => Promise.resolve(texts),
        (heard) => heard.includes(text),
      ),
  }
}

/** At the seam a message may come again; it is the first time that counts. */
function withoutRepetitions(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

/** Resolves when its translation is in the log, so that the order of what is said one after the other is known. */
async function say(room: string, text: string): Promise<void> {
  await post(room, text)
  const quoted = JSON.stringify(room)
  await until(
    () => query(`{ messages(chatId: ${quoted}, languages: ["fr"]) { sourceText } }`) as Promise<{ messages: Found[] }>,
    ({ messages }) => messages.some(({ sourceText }) => sourceText === text),
  )
}

async function post(room: string, text: string): Promise<void> {
  await query(`mutation { putEvent(message: "${text}", chatId: "${room}") { FailedEntries } }`)
}

async function query(document: string): Promise<unknown> {
  const response = await postGraphql(service.httpUrl, { query: document })
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown }
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}
