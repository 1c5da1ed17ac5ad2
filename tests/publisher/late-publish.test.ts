import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Position } from '../../lib/clients/cursors'
import { cursorOwner, sessionName } from '../../lib/clients/sessions'
import type { Subscriber } from '../../lib/clients/subscriber'
import type { Subscribers } from '../../lib/clients/subscribers'
import { createAppender } from '../../lib/history/append'
import { createLateMarks } from '../../lib/history/late-marks'
import { createLogReader } from '../../lib/history/read'
import { channelTopic } from '../../lib/channels/topic'
import type { Delivering, Delivery } from '../../lib/gateway/connections'
import { logAssignment } from '../../lib/publisher/log-assignment'
import { oncePerMessage } from '../../lib/publisher/once-per-message'
import { publish } from '../../lib/publisher/publish'
import { replay, type Replayer } from '../../lib/publisher/replay'
import { readPublisherSettings } from '../../lib/publisher/settings'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { type MessagesTable, startMessagesTable } from '../support/messages-table'
import { publicationOf, publisherOf, replayerOf, throughSns, timesOf } from '../support/publisher'
import { connectClient, subscribeClient } from '../support/subscribed-client'

/**
 * Regression: an event was lost if its publisher died between logging it and reading the subscribers, a client
 * disconnected cleanly long after the event, and the client reconnected only after the event had been published again
 * without it.
 */

const session = sessionName('tab', undefined)
const second = 1_000
const logTtlSeconds = 3_600

let nowMs: number
let table: ClientsTable
let messages: MessagesTable
let board: string
let boards = 0
let handedOn: unknown[]
let received: { readonly connectionId: string; readonly text: string }[]
let left: Set<string>

beforeAll(async () => {
  nowMs = Date.now()
  table = await startClientsTable(() => nowMs)
  messages = await startMessagesTable()
})
afterAll(() => Promise.all([table.close(), messages.close()]))

beforeEach(() => {
  board = `board ${++boards}`
  handedOn = []
  received = []
  left = new Set()
})
afterEach(async () => {
  for (const { connectionId } of await table.items()) await table.clients.remove(String(connectionId))
})

function deliver({ connectionId, head, rest }: Delivering): Promise<Delivery> {
  if (left.has(connectionId)) return Promise.resolve({ kind: 'gone' })
  const { payload } = JSON.parse(head.text + rest) as { payload: { data: { text: string } } }
  received.push({ connectionId, text: payload.data.text })
  return Promise.resolve({ kind: 'delivered' })
}

const clock = {
  now: () => nowMs,
  pause: (ms: number) => {
    nowMs += Math.ceil(ms)
    return Promise.resolve()
  },
}

function worker() {
  const log = { ...messages, now: clock.now, ttlSeconds: logTtlSeconds }
  const handOn = (message: unknown) => {
    handedOn.push(message)
    return Promise.resolve()
  }
  const close = () => Promise.resolve<Delivery>({ kind: 'delivered' })
  const common = { deliver, clock, handOn, close, lateMarks: createLateMarks(log) }
  return {
    appender: createAppender(log),
    publisher: publisherOf(table, {
      ...common,
      subscribers: table.newSubscribers(),
      settings: { ...readPublisherSettings({}), maxRecipients: 1 },
    }),
    replayer: replayerOf({ clients: table, messages }, { ...common, log: createLogReader(log) }),
  }
}

const publicationSaying = (text: string) =>
  publicationOf({ channel: 'board', keys: board, id: `${board} ${text}`, data: { text } })

/** Logs an event without delivering it, like a publisher that dies in between. */
const logOnly = (text: string) => logAssignment(publicationSaying(text), worker().appender)

/** Logs and delivers an event, like the first attempt of `publish` or a retry. */
async function publishEvent(text: string, subscribers: Subscribers = table.subscribers) {
  const { appender, publisher } = worker()
  const assignment = await logAssignment(publicationSaying(text), appender)
  await publish(assignment, { ...publisher, subscribers }, timesOf(60 * second, nowMs))
}

/** Reconnects the session and replays what it missed, like a `start`. */
async function comeBack(connectionId: string, changed: Partial<Replayer> = {}) {
  const replayed = await connect(connectionId, { held: true })
  const owner = cursorOwner(session, connectionId)
  const subscription = { ...replayed, beganAtMs: nowMs }
  const position = (cursor: Position = {}) => ({ sinceMs: cursor.sinceMs, after: cursor.after })
  await table.sessions.cursors.begin(owner, subscription, position)
  const task = { replay: replayed, receivedAtMs: nowMs, session }
  return replay(task, { ...worker().replayer, ...changed }, timesOf(60 * second, nowMs))
}

/** Connects a client that takes over its session, and subscribes. */
async function connect(connectionId: string, { held = false, name = session } = {}): Promise<Subscriber> {
  const client = await connectClient(table, { connectionId, connectedAtMs: nowMs, session: name })
  return subscribeClient(table, { client, topics: [channelTopic('board', board)], receivedAtMs: nowMs, held })
}

/** Disconnects a client that was heard from just now, so that nothing but a late event is due to be replayed. */
const leave = async (connectionId: string) => {
  left.add(connectionId)
  await table.clients.seen(connectionId, nowMs)
  await table.sessions.end(connectionId, { atMs: nowMs })
}
const texts = (connectionId: string) =>
  received.filter((frame) => frame.connectionId === connectionId).map(({ text }) => text)

it('replays an event that was logged long before the client left, but retried in its absence', async () => {
  await connect('first')
  await logOnly('lost?')
  nowMs += 30 * second
  await publishEvent('later')
  await leave('first')
  nowMs += 30 * second
  await publishEvent('lost?')
  nowMs += 30 * second
  await comeBack('second')
  expect(texts('first')).toEqual(['later'])
  expect(texts('second')).toEqual(['lost?', 'later'])
})

it('replays an event that is retried during the replay', async () => {
  await connect('first')
  await logOnly('lost?')
  nowMs += 30 * second
  await leave('first')
  nowMs += second
  const release: Replayer['subscriptions']['release'] = async (subscription) => {
    nowMs += 30 * second
    await publishEvent('lost?')
    return table.subscriptions.release(subscription)
  }
  await comeBack('second', { subscriptions: { ...table.subscriptions, release } })
  expect(texts('second')).toEqual(['lost?'])
})

// Regression: one late event caused all later events to be sent again.
it('replays only the event that was served late, and not the events around it', async () => {
  await connect('first')
  for (const text of ['a', 'lost?', 'c']) await logOnly(text)
  nowMs += 30 * second
  await leave('first')
  nowMs += 30 * second
  await publishEvent('lost?')
  nowMs += 30 * second
  await comeBack('second')
  expect(texts('second')).toEqual(['lost?'])
})

// Regression: a page of which all entries had expired ended the search.
it('replays an event that was served late even if a page of earlier ones has expired', async () => {
  await connect('first')
  for (const text of ['a', 'b', 'c']) await logOnly(text)
  nowMs += logTtlSeconds * second - 60 * second
  await logOnly('lost?')
  nowMs += 30 * second
  await leave('first')
  nowMs += 30 * second
  for (const text of ['a', 'lost?']) await publishEvent(text)
  nowMs += 30 * second
  const log = createLogReader({ ...messages, now: clock.now })
  await comeBack('second', { log: { ...log, pagesAfter: (topic, after) => log.pagesAfter(topic, after, 2) } })
  expect(texts('second')).toEqual(['lost?'])
})

it('replays an event whose publisher read the subscribers too slowly to find the client', async () => {
  for (const name of ['other 1', 'other 2']) await connect(name, { name: sessionName(name, undefined) })
  await connect('zz first')
  /** Each page takes 3 s to read, the last one 30 s. */
  const slowPages: Subscribers = {
    ...onePerPage,
    async page(name, from) {
      const page = await onePerPage.page(name, from)
      nowMs += 3 * second
      if (!from || page.next) return page
      nowMs += 27 * second
      if (!left.has('zz first')) await leave('zz first')
      return onePerPage.page(name, from)
    },
  }
  const { appender, publisher } = worker()
  const settings = { ...publisher.settings, maxRecipients: 10 }
  const assignment = await logAssignment(publicationSaying('lost?'), appender)
  await publish(assignment, { ...publisher, subscribers: slowPages, settings }, timesOf(200 * second, nowMs))
  expect(texts('zz first')).toEqual([])
  nowMs += 30 * second
  await comeBack('second')
  expect(texts('second')).toEqual(['lost?'])
})

it('a page of subscribers is read again if the read outlasted the mark of the event', async () => {
  await connect('first')
  let reads = 0
  const once: Subscribers = {
    ...table.subscribers,
    page: (name, from) => {
      if (reads++ === 0) nowMs += 6 * second
      return table.subscribers.page(name, from)
    },
  }
  await publishEvent('slow', once)
  expect(reads).toBe(2)
  expect(texts('first')).toEqual(['slow'])
})

describe('an event that was handed on', () => {
  /** Publishes with no time left, so that everyone is handed on. @returns a function that runs the next publisher */
  async function handOnAll(text: string) {
    const { appender, publisher } = worker()
    const assignment = await logAssignment(publicationSaying(text), appender)
    await publish(assignment, publisher, timesOf(0, nowMs))
    const [rest] = handedOn
    return (at = worker().publisher) => publish(throughSns(rest), at, timesOf(60 * second, nowMs))
  }

  it('reaches a client that reconnects before the next publisher begins', async () => {
    await connect('first')
    const next = await handOnAll('lost?')
    nowMs += 50 * second
    await leave('first')
    await comeBack('second')
    await next()
    expect(texts('second')).toEqual(['lost?'])
  })

  it('is delivered to all subscribers again if the next publisher begins late', async () => {
    await connect('first')
    const next = await handOnAll('lost?')
    nowMs += 100 * second
    await leave('first')
    await comeBack('second')
    expect(texts('second')).toEqual([])
    await next()
    expect(texts('second')).toEqual(['lost?'])
  })

  it('is given up if publishers begin late each time', async () => {
    await connect('first')
    await handOnAll('lost?')
    const late = { ...throughSns(handedOn[0]), round: 4 }
    nowMs += 100 * second
    await expect(publish(late, worker().publisher, timesOf(60 * second, nowMs))).rejects.toThrow(
      'waited longer than 60 s',
    )
  })

  it('reaches a client that reconnects to a page that was already read', async () => {
    await connect('m other', { name: sessionName('other', undefined) })
    await connect('zz first')
    nowMs += 60 * second
    const { appender, publisher } = worker()
    const paged = { ...publisher, subscribers: onePerPage }
    await publish(await logAssignment(publicationSaying('lost?'), appender), paged, timesOf(60 * second, nowMs))
    expect(texts('zz first')).toEqual([])
    nowMs += 40 * second
    await leave('zz first')
    await comeBack('a second')
    await publish(throughSns(handedOn[0]), paged, timesOf(60 * second, nowMs))
    expect(texts('a second')).toEqual(['lost?'])
    expect(texts('m other')).toEqual(['lost?']) // once, because the next publisher began in time
  })
})

// Regression: the work was kept in memory without the time until which the event was marked.
describe('an event whose second page could not be handed on', () => {
  /** Delivers the first page. @returns a function that retries as Lambda does in the same process */
  async function keepSecondPage() {
    await connect('m other', { name: sessionName('other', undefined) })
    await connect('zz first')
    let isReachable = false
    const { appender, publisher } = worker()
    const handOn = () => (isReachable ? Promise.resolve() : Promise.reject(new Error('SNS is down.')))
    const receive = oncePerMessage({
      publish: async (task, times) => {
        await publish(task, { ...publisher, subscribers: onePerPage, handOn }, times)
      },
      replay: () => Promise.reject(new Error('There is none.')),
    })
    const message = { id: 'm', task: await logAssignment(publicationSaying('lost?'), appender) }
    await expect(receive(message, timesOf(60 * second, nowMs))).rejects.toThrow('could not be handed on')
    isReachable = true
    return () => receive(message, timesOf(60 * second, nowMs))
  }

  it('is replayed to a client that reconnects to the first page before Lambda retries, and reaches no other twice', async () => {
    const retry = await keepSecondPage()
    nowMs += 150 * second
    await leave('zz first')
    await comeBack('a second')
    expect(texts('a second')).toEqual(['lost?'])
    await retry()
    expect(texts('a second')).toEqual(['lost?'])
    expect(texts('m other')).toEqual(['lost?'])
  })

  it('is delivered to all subscribers again if Lambda retries more than three minutes later', async () => {
    const retry = await keepSecondPage()
    nowMs += 250 * second
    await leave('zz first')
    await comeBack('a second')
    expect(texts('a second')).toEqual([])
    await retry()
    expect(texts('a second')).toEqual(['lost?'])
  })
})

it('writes no mark for an event that is delivered without delay', async () => {
  await connect('first')
  await logOnly('earlier')
  messages.calls.length = 0
  await publishEvent('at once')
  expect(messages.calls).toEqual(['Query', 'Query', 'PutItem'])
  expect(texts('first')).toEqual(['at once'])
})

/** The subscribers of the table, one on each page, in the order of their connections. */
const onePerPage: Subscribers = {
  page: async (name, from) => {
    const { subscribers, expired } = await table.subscribers.page(name)
    const inOrder = subscribers.toSorted((a, b) => (a.connectionId < b.connectionId ? -1 : 1))
    const rest = inOrder.filter(({ connectionId }) => connectionId > ((from?.['after'] as string | undefined) ?? ''))
    const [first] = rest
    const next = rest.length > 1 && first ? { after: first.connectionId } : undefined
    return { subscribers: rest.slice(0, 1), expired: from ? [] : expired, next }
  },
  operationOf: (subscriber) => table.subscribers.operationOf(subscriber),
  pageOfUser: (...asked) => table.subscribers.pageOfUser(...asked),
}
