import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { channelTopic, taggedTopic } from '../../lib/channels/topic'
import { type Line, startLine } from '../support/line'
import { postGraphql } from '../support/post-graphql'
import { sharedService } from '../support/shared-service'
import { readStoredSubscriptions, type StoredSubscriptions } from '../support/stored-subscriptions'
import { until } from '../support/until'
import { type RealClient, realClients } from './real-clients'

const service = sharedService('fixture')
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

  it('receives missed events in log order after a cut, then new ones', async () => {
    const board = `cut off: ${name}`
    const client = join(line.webSocketUrl, { clientId: randomUUID() })
    const heard = listen(client, `notes(board: "${board}", tags: ["fr"])`)
    const [connectionId = ''] = await until(
      () => stored.connectionsTo(taggedTopic(channelTopic('board', board), 'fr')),
      ({ length }) => length === 1,
    )
    await say(board, 'one')
    await heard.until('one')

    line.cut()
    await until(
      () => stored.connectionsTo(taggedTopic(channelTopic('board', board), 'fr')),
      (connections) => !connections.includes(connectionId),
    )
    for (const text of ['two', 'three', 'four']) await say(board, text)
    line.repair()
    await heard.until('four')
    await until(
      () => stored.connectionsTo(taggedTopic(channelTopic('board', board), 'fr')),
      ({ length }) => length === 1,
    )
    await say(board, 'five')
    await heard.until('five')

    expect(withoutRepetitions(heard.texts())).toEqual(['one', 'two', 'three', 'four', 'five'])
  })

  it('misses no event if it reconnects by itself while events are published', async () => {
    const board = `planned: ${name}`
    const client = join(service.webSocketUrl, { clientId: randomUUID() })
    const heard = listen(client, `notes(board: "${board}", tags: ["fr"])`)
    const connected = () => stored.connectionsTo(taggedTopic(channelTopic('board', board), 'fr'))
    const [connectionId = ''] = await until(connected, ({ length }) => length === 1)
    const posting = Promise.all(greetings.map((text) => post(board, text)))
    await heard.until('one')
    client.reconnect()
    await posting
    await until(connected, (connections) => connections.length === 1 && !connections.includes(connectionId))
    for (const text of greetings) await heard.until(text)
  })

  it('receives the events after its sequence number, then new ones', async () => {
    const board = `after: ${name}`
    for (const text of ['one', 'two', 'three']) await say(board, text)
    const [first] = await logOf(board)
    const client = join(line.webSocketUrl)
    const heard = listen(client, `notes(board: "${board}", after: ${first?.sequence ?? 0})`)
    await heard.until('three')
    await until(
      () => stored.connectionsTo(channelTopic('board', board)),
      ({ length }) => length === 1,
    )
    await say(board, 'four')
    await heard.until('four')
    expect(heard.texts().slice(0, 2)).toEqual(['two', 'three'])
  })
})

describe('the sequence numbers of a log', () => {
  it('have no gap although events are published concurrently', async () => {
    await Promise.all([...greetings, ...greetings].map((text) => post('numbers', text)))
    const notes = await until(
      () => logOf('numbers'),
      ({ length }) => length === 16,
    )
    expect(notes.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 16 }, (_, n) => n + 1))
    const second = await query('{ notes(board: "numbers", after: 5, first: 3) { sequence text } }')
    expect(second).toEqual({ notes: notes.slice(5, 8) })
  })
})

interface Note {
  readonly sequence: number
  readonly text: string
}

async function logOf(board: string): Promise<readonly Note[]> {
  const { notes } = (await query(`{ notes(board: "${board}") { sequence text } }`)) as { notes: readonly Note[] }
  return notes
}

function listen(client: RealClient, field: string) {
  const texts: string[] = []
  client.subscribe(`subscription { ${field} { text } }`, (data) => {
    texts.push((data as { readonly notes: { readonly text: string } }).notes.text)
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

/** Removes repetitions, which may occur around a reconnect. The first arrival determines the order. */
function withoutRepetitions(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

/** Posts a text. Resolves when it is in the log, so that consecutive texts have a known order. */
async function say(board: string, text: string): Promise<void> {
  await post(board, text)
  await until(
    () => logOf(board),
    (notes) => notes.some((note) => note.text === text),
  )
}

async function post(board: string, text: string): Promise<void> {
  await query(`mutation { post(board: "${board}", text: "${text}", tag: "fr") }`)
}

async function query(document: string): Promise<unknown> {
  const response = await postGraphql(service.httpUrl, { query: document })
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown }
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}
