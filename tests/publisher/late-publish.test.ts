import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { sessionName } from '../../lib/clients/sessions'
import type { Subscriber, Subscribers } from '../../lib/clients/subscribers'
import { createAppender } from '../../lib/history/append'
import { createLateReadings } from '../../lib/history/late-readings'
import { createLogReader } from '../../lib/history/read'
import { channelTopic } from '../../lib/channels/topic'
import type { ReplayTask } from '../../lib/publisher/assignment'
import type { Delivering, Delivery } from '../../lib/gateway/connections'
import { logAssignment } from '../../lib/publisher/log-assignment'
import { publish } from '../../lib/publisher/publish'
import { replay, type Replayer } from '../../lib/publisher/replay'
import { replayTask } from '../../lib/publisher/replay-task'
import { readPublisherSettings } from '../../lib/publisher/settings'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { type MessagesTable, startMessagesTable } from '../support/messages-table'
import { publicationOf, publisherOf, replayerOf, throughSns } from '../support/publisher'
import { connectClient, subscribeClient } from '../support/subscribed-client'

/**
 * What was once lost: an event whose publisher died between logging it and reading who listens, while a client left in good order
 * long after the event, and came back only when the event had been tried again without it.
 */

const session = sessionName('tab', undefined)
const second = 1_000

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
  const log = { ...messages, now: clock.now, ttlSeconds: 3_600 }
  const handOn = (message: unknown) => {
    handedOn.push(message)
    return Promise.resolve()
  }
  const lateReadings = createLateReadings(log)
  const common = { deliver, clock, handOn, lateReadings }
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

/** Logs an event, and dies. */
const logOnly = (text: string) => logAssignment(publicationSaying(text), worker().appender)

/** What Lambda does for an event, the first time or again. */
async function publishEvent(text: string, subscribers: Subscribers = table.subscribers) {
  const { appender, publisher } = worker()
  const assignment = await logAssignment(publicationSaying(text), appender)
  await publish(assignment, { ...publisher, subscribers }, nowMs + 60 * second)
}

function resume(task: ReplayTask, changed: Partial<Replayer> = {}) {
  return replay(task, { ...worker().replayer, ...changed }, nowMs + 60 * second)
}

/** Connects a client, which takes up its session, and subscribes. */
async function connect(connectionId: string, { held = false, name = session } = {}): Promise<Subscriber> {
  const client = await connectClient(table, { connectionId, connectedAtMs: nowMs, session: name })
  return subscribeClient(table, { client, topics: [channelTopic('board', board)], receivedAtMs: nowMs, held })
}

const leave = (connectionId: string) => {
  left.add(connectionId)
  return table.sessions.end(connectionId, { atMs: nowMs, exact: true })
}
const texts = (connectionId: string) =>
  received.filter((frame) => frame.connectionId === connectionId).map(({ text }) => text)

it('gives a client that comes back what was published again while it was away, though it left long after the event', async () => {
  await connect('first')
  await logOnly('lost?')
  nowMs += 30 * second
  await publishEvent('later')
  await leave('first')
  nowMs += 30 * second
  await publishEvent('lost?')
  nowMs += 30 * second
  await resume(replayTask(await connect('second', { held: true }), { session }))
  expect(texts('first')).toEqual(['later'])
  expect(texts('second')).toContain('lost?')
})

it('gives it that, too, if the event is published again while the client is given what it missed', async () => {
  await connect('first')
  await logOnly('lost?')
  nowMs += 30 * second
  await leave('first')
  nowMs += second
  const subscriber = await connect('second', { held: true })
  const release: Replayer['subscriptions']['release'] = async (subscription) => {
    nowMs += 30 * second
    await publishEvent('lost?')
    return table.heldSubscriptions.release(subscription)
  }
  await resume(replayTask(subscriber, { session }), { subscriptions: { ...table.heldSubscriptions, release } })
  expect(texts('second')).toEqual(['lost?'])
})

it('goes back once to what was read late, also if it is handed on then', async () => {
  await connect('first')
  for (const text of ['lost?', 'b', 'c']) await logOnly(text)
  nowMs += 30 * second
  await leave('first')
  nowMs += 30 * second
  await publishEvent('lost?')
  nowMs += 30 * second
  const subscriber = await connect('second', { held: true })
  const deadlineMs = nowMs + 1
  const slowly = (delivering: Delivering) => {
    nowMs += received.length
    return deliver(delivering)
  }
  await replay(replayTask(subscriber, { session }), { ...worker().replayer, deliver: slowly }, deadlineMs)
  const [rest] = handedOn
  await resume(rest as ReplayTask)
  expect(texts('second')).toEqual(['lost?', 'b', 'c'])
})

it('does not go back below the number that a client says to have', async () => {
  await connect('first')
  await logOnly('a')
  await logOnly('b')
  nowMs += 5 * second
  await leave('first')
  nowMs += 30 * second
  await publishEvent('a')
  nowMs += 30 * second
  await resume(replayTask(await connect('second', { held: true }), { session, after: 1 }))
  expect(texts('second')).toEqual(['b'])
})

it('gives it what a publisher read its topic for too slowly to find it', async () => {
  const others = ['other 1', 'other 2']
  for (const name of others) await connect(name, { name: sessionName(name, undefined) })
  await connect('zz first')
  /** Each page takes 9 s to come, and has one subscriber. */
  const slowPages: Subscribers = {
    ...table.subscribers,
    async page(name, from) {
      nowMs += 9 * second
      if (nowMs > leftAtMs) await leave('zz first')
      const { subscribers, expired } = await table.subscribers.page(name)
      const index = Number(from?.['index'] ?? 0)
      const next = index + 1 < subscribers.length ? { index: index + 1 } : undefined
      return { subscribers: subscribers.slice(index, index + 1), expired, next }
    },
  }
  const leftAtMs = nowMs + 26 * second
  const { appender, publisher } = worker()
  const subscribers = slowPages
  const settings = { ...publisher.settings, maxRecipients: 10 }
  const assignment = await logAssignment(publicationSaying('lost?'), appender)
  await publish(assignment, { ...publisher, subscribers, settings }, nowMs + 60 * second)
  expect(texts('zz first')).toEqual([])
  nowMs += 30 * second
  await resume(replayTask(await connect('second', { held: true }), { session }))
  expect(texts('second')).toEqual(['lost?'])
})

it.each(['the same process', 'another process'])('gives it what was handed on to %s before it left', async (name) => {
  await connect('first')
  const { appender, publisher } = worker()
  const failing = () => Promise.resolve<Delivery>({ kind: 'failed', retryable: true, reason: '500' })
  const assignment = await logAssignment(publicationSaying('lost?'), appender)
  await publish(assignment, { ...publisher, deliver: failing }, nowMs + 60 * second)
  nowMs += 30 * second
  await leave('first')
  nowMs += 30 * second
  const [rest] = handedOn
  const next = name === 'the same process' ? publisher : worker().publisher
  await publish(throughSns(rest), next, nowMs + 60 * second)
  await resume(replayTask(await connect('second', { held: true }), { session }))
  expect(texts('second')).toEqual(['lost?'])
})

it('writes nothing for what is published at once', async () => {
  await connect('first')
  await logOnly('earlier')
  messages.calls.length = 0
  await publishEvent('at once')
  expect(messages.calls).toEqual(['Query', 'Query', 'PutItem'])
  expect(texts('first')).toEqual(['at once'])
})
