import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { sessionName } from '../../lib/clients/sessions'
import type { Subscriber } from '../../lib/clients/subscribers'
import { createAppender } from '../../lib/history/append'
import { anyTagTopic, channelTopic, taggedTopic, type Topic } from '../../lib/channels/topic'
import type { ReplayTask } from '../../lib/publisher/assignment'
import type { Connections } from '../../lib/gateway/connections'
import { replay, type Replayer, ReplayError } from '../../lib/publisher/replay'
import { replayTask } from '../../lib/publisher/replay-task'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { type MessagesTable, startMessagesTable } from '../support/messages-table'
import { replayerOf, startSender } from '../support/publisher'
import { connectClient, subscribeClient } from '../support/subscribed-client'
import { accept, answering, type ConnectionsServer, startConnectionsServer } from './support/connections-server'

const session = sessionName('tab', undefined)

let table: ClientsTable
let messages: MessagesTable
let api: ConnectionsServer
let sender: Connections
let board: Topic
let boards = 0
let handedOn: ReplayTask[]

beforeAll(async () => {
  table = await startClientsTable()
  messages = await startMessagesTable()
})
afterAll(() => Promise.all([table.close(), messages.close()]))

beforeEach(async () => {
  api = await startConnectionsServer()
  sender = startSender()
  board = channelTopic('board', `board ${++boards}`)
  handedOn = []
})
afterEach(async () => {
  for (const { connectionId } of await table.items()) await table.clients.remove(String(connectionId))
  sender.destroy()
  await api.close()
})

function run(task: ReplayTask, changed: Partial<Replayer> = {}, deadlineMs = Date.now() + 10_000) {
  const handOn = (rest: unknown) => {
    handedOn.push(rest as ReplayTask)
    return Promise.resolve()
  }
  const replayer = replayerOf(
    { clients: table, messages },
    { deliver: sender.deliver, handOn, maxAttempts: 2, ...changed },
  )
  return replay(task, replayer, deadlineMs)
}

async function publish(...texts: readonly string[]): Promise<void> {
  const appender = createAppender({ table: messages.table, ttlSeconds: 3_600 })
  for (const text of texts) {
    const topics = [board, taggedTopic(board, text.startsWith('de') ? 'de' : 'fr')] as const
    await appender.append({ topics, id: `${board} ${text}`, data: { text } })
  }
}

/** A subscription that is held back for a replay. */
async function held(connectionId = 'c1', topics: readonly [Topic, ...Topic[]] = [board]): Promise<Subscriber> {
  const client = await connectClient(table, { connectionId, callbackUrl: api.callbackUrl, session })
  return subscribeClient(table, { client, topics, log: board, held: true })
}

const posted = () => api.posts.map(({ body }) => (JSON.parse(body) as { payload: { data: unknown } }).payload.data)
const notes = (...texts: readonly string[]) => texts.map((text) => ({ text }))
const listeners = async (to: Topic = board) => (await table.subscribers.page(to)).subscribers

it('gives a subscription what came after its number, in order, and lets it into the index then', async () => {
  await publish('1', '2', '3', '4')
  const subscriber = await held()
  expect(await listeners()).toEqual([])
  expect(await run(replayTask(subscriber, { after: 1 }))).toEqual({ replayed: 3, ended: 'complete' })
  expect(posted()).toEqual(notes('2', '3', '4'))
  expect(await listeners()).toEqual([subscriber])
})

it('leaves out what was not published to its topics', async () => {
  await publish('fr 1', 'de 2', 'fr 3')
  const [french, further] = [taggedTopic(board, 'fr'), taggedTopic(board, 'es')]
  await run(replayTask(await held('c1', [anyTagTopic(board), french, further]), { after: 0 }))
  expect(posted()).toEqual(notes('fr 1', 'fr 3'))
  expect(await listeners(further)).toHaveLength(1)
})

it('begins where the subscription was cut, and forgets that', async () => {
  await publish('before')
  const subscriber = await held()
  await sleep(5)
  await table.sessions.missed(session, subscriber, Date.now())
  await publish('since')
  await run(replayTask(subscriber, { session, after: 0 }))
  expect(posted()).toEqual(notes('since'))
  expect(await table.sessions.cutOf(session, subscriber)).toBeUndefined()
})

it('does nothing the second time', async () => {
  await publish('1')
  const task = replayTask(await held(), { session, after: 0 })
  await run(task)
  expect(await run(task)).toEqual({ replayed: 0, ended: 'complete' })
  expect(posted()).toHaveLength(1)
})

it('gives it what is published while it is let into the index', async () => {
  await publish('1')
  const subscriber = await held()
  const release: typeof table.heldSubscriptions.release = async (subscription) => {
    await publish('2')
    return table.heldSubscriptions.release(subscription)
  }
  const isListed: typeof table.heldSubscriptions.isListed = async (subscription) => {
    if (posted().length === 1) await publish('3')
    return table.heldSubscriptions.isListed(subscription)
  }
  await run(replayTask(subscriber, { after: 0 }), { subscriptions: { ...table.heldSubscriptions, release, isListed } })
  expect(posted()).toEqual(notes('1', '2', '3'))
})

it('waits while API Gateway throttles, and keeps the order', async () => {
  await publish('1', '2', '3')
  const subscriber = await held()
  let turnedAway = 0
  api.behaviour = (post, response) => {
    if (turnedAway++ < 3) answering(429)(post, response)
    else accept(post, response)
  }
  await run(replayTask(subscriber, { after: 0 }))
  expect(posted()).toEqual(notes('1', '1', '1', '1', '2', '3'))
})

it('is handed on when there is no time left, and goes on where it was', async () => {
  await publish('1', '2', '3')
  const task = replayTask(await held(), { after: 0 })
  let postsLeft = 2
  const clock = { now: () => (postsLeft-- > 0 ? 0 : 2), pause: sleep }
  expect(await run(task, { clock }, 1)).toMatchObject({ ended: 'handedOn' })
  expect(await listeners()).toEqual([])
  const [rest] = handedOn
  if (!rest) throw new Error('Nothing was handed on.')
  await run(rest)
  expect(posted()).toEqual(notes('1', '2', '3'))
  expect(await listeners()).toHaveLength(1)
})

it('stops when the connection is gone, and keeps the cut', async () => {
  await publish('1', '2')
  const subscriber = await held()
  await table.sessions.cutFromTheBeginning(session, subscriber)
  api.behaviour = answering(410)
  expect(await run(replayTask(subscriber, { session }))).toEqual({ replayed: 0, ended: 'over' })
  expect(posted()).toHaveLength(1)
  expect(await table.sessions.cutOf(session, subscriber)).toMatchObject({ cutAtMs: 0 })
  expect(await table.clients.find('c1')).toBeUndefined()
})

it('stops when the client unsubscribes', async () => {
  await publish('1')
  const subscriber = await held()
  await table.clients.unsubscribe({ ...subscriber, receivedAtMs: Date.now() })
  expect(await run(replayTask(subscriber, { after: 0 }))).toEqual({ replayed: 0, ended: 'over' })
  expect(posted()).toEqual([])
})

it('fails when a frame cannot be posted, and can be done again', async () => {
  await publish('1', '2')
  const task = replayTask(await held(), { after: 0 })
  api.behaviour = answering(500)
  await expect(run(task)).rejects.toThrow(ReplayError)
  api.behaviour = accept
  expect(await run(task)).toEqual({ replayed: 2, ended: 'complete' })
  expect(await listeners()).toHaveLength(1)
})
