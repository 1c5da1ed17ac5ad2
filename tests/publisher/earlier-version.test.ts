import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { channelTopic, taggedTopic, type Topic } from '../../lib/channels/topic'
import { isPending } from '../../lib/clients/cursors'
import { cursorOwner, sessionName } from '../../lib/clients/sessions'
import { createAppender } from '../../lib/history/append'
import { createLogReader } from '../../lib/history/read'
import { parseHandedOn, type ReplayTask } from '../../lib/publisher/assignment'
import { publish } from '../../lib/publisher/publish'
import { replay } from '../../lib/publisher/replay'
import { receiveMessage } from '../../lib/receive/receive-message'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { type MessagesTable, startMessagesTable } from '../support/messages-table'
import { publicationOf, publisherOf, replayerOf, timesOf } from '../support/publisher'
import { parseMessage, receiverOf } from '../support/receiver'

/**
 * A stage that is in use when this version is deployed. The version before cursors wrote its tables: it stored cuts
 * (`cut#…`), items that connections left behind (`session`), and late reads (`readAtMs`).
 */
const session = sessionName('tab', undefined)
const owner = cursorOwner(session, '')
const callbackUrl = 'https://example.com/dev'
const query = (board: string) => `subscription { notes(board: "${board}") { text } }`
const nameOf = (operation: string) => `${operation}-2f8aQ1nZ6c0e7Rk`

let table: ClientsTable
let messages: MessagesTable
let name: string
let board: Topic
let boards = 0
let posts: string[]
let requested: ReplayTask[]
let receivedAtMs: number

beforeAll(async () => {
  table = await startClientsTable()
  messages = await startMessagesTable()
})
afterAll(() => Promise.all([table.close(), messages.close()]))

beforeEach(async () => {
  name = `room ${++boards}`
  board = channelTopic('board', name)
  posts = []
  requested = []
  receivedAtMs = Date.now()
  const connectionId = 'old'
  const ttl = Math.floor(receivedAtMs / 1000) + 3_600
  const startedAtMs = receivedAtMs - 60_000
  const times = { connectedAtMs: startedAtMs, acknowledgedAtMs: startedAtMs, seenAtMs: startedAtMs }
  const client = { connectionId, id: 'client', callbackUrl, subprotocol: 'graphql-ws', session, ttl, ...times }
  const stored = { connectionId, ttl, receivedAtMs: startedAtMs }
  const asked = {
    callbackUrl,
    dialect: 'legacy',
    query: query(name),
    variables: 'null',
    operationName: null,
    log: board,
  }
  const tagged = taggedTopic(board, 'fr')
  for (const item of [
    client,
    { ...stored, id: 'subscription#1', ...asked, topic: board, topics: [board, tagged], operation: nameOf('1') },
    { ...stored, id: 'further#1#1', topic: tagged, operation: nameOf('1') },
    { ...stored, id: 'subscription#2', ...asked, topics: [board], operation: nameOf('2'), replaying: true },
    { ...stored, id: 'subscription#3' },
    { connectionId: 'gone', id: 'session', session, ttl },
    { connectionId: owner, id: 'holder', holder: connectionId, ttl },
    { connectionId: owner, id: 'cut#1', operation: nameOf('1'), cutAtMs: startedAtMs, note: 'n', ttl },
  ]) {
    await table.table.put(item)
  }
  await append('before')
  await messages.table.put({ topic: board, sequence: -1, readAtMs: receivedAtMs, ttl })
})
afterEach(async () => {
  for (const { connectionId } of await table.items()) await table.clients.remove(String(connectionId))
})

const append = (text: string) =>
  createAppender({ table: messages.table, ttlSeconds: 3_600 }).append({ topics: [board], id: text, data: { text } })

const deliver: Parameters<typeof publisherOf>[1]['deliver'] = ({ connectionId, head, rest }) => {
  posts.push(`${connectionId} ${(JSON.parse(head.text + rest) as { id: string }).id}`)
  return Promise.resolve({ kind: 'delivered' })
}

const publishTo = () =>
  publish(
    publicationOf({ channel: 'board', keys: name, data: { text: 'Hello' } }),
    publisherOf(table, { deliver, lateMarks: { put: () => Promise.resolve() } }),
    timesOf(10_000),
  )

const run = (task: ReplayTask) => replay(task, replayerOf({ clients: table, messages }, { deliver }), timesOf(10_000))

function receive(connectionId: string, message: unknown) {
  const requestReplay = (task: ReplayTask) => Promise.resolve(void requested.push(task))
  const receiver = receiverOf(table, { requestReplay, history: createLogReader({ table: messages.table }) })
  return receiveMessage({ connectionId, message: parseMessage(message), receivedAtMs: ++receivedAtMs }, receiver)
}

const start = (connectionId: string) =>
  receive(connectionId, { id: '1', type: 'start', payload: { query: query(name) } })

async function comeBack(connectionId: string): Promise<void> {
  await table.clients.register({ connectionId, callbackUrl, subprotocol: 'graphql-ws', connectedAtMs: Date.now() })
  await receive(connectionId, { type: 'connection_init', payload: { clientId: 'tab' } })
}

const idsUnder = async (key: string) =>
  (await table.items()).flatMap(({ connectionId, id }) => (connectionId === key ? [String(id)] : [])).toSorted()

it('an open connection still receives events, and can start and stop subscriptions', async () => {
  expect(await publishTo()).toMatchObject({ delivered: 1, cutOff: 0 })
  expect(posts).toEqual(['old 1'])
  expect(await start('old')).toEqual({ frames: [] })
  await receive('old', { id: '1', type: 'stop' })
  await receive('old', { id: '3', type: 'stop' })
  expect(await idsUnder('old')).toEqual(['client', 'subscription#2', 'subscription#3'])
  expect(requested).toEqual([])
})

it('a subscription that was held for a replay starts with the events published from now on', async () => {
  const request = parseHandedOn({
    replay: { connectionId: 'old', operationId: '2', operation: nameOf('2') },
    session,
    done: { upTo: 0, lateReadUntilMs: 0 },
  })
  expect(await run(request as ReplayTask)).toEqual({ replayed: 0, ended: 'over' })
  await publishTo()
  expect(posts.toSorted()).toEqual(['old 1', 'old 2'])
})

it('a client that was away starts without a replay once, and resumes from then on', async () => {
  await comeBack('new')
  expect(await start('new')).toEqual({ frames: [] })
  expect(requested).toEqual([])
  await table.sessions.end('new', { atMs: Date.now() })
  await append('while it is away')
  await comeBack('newer')
  await start('newer')
  const [task] = requested
  if (!task) throw new Error('No replay was requested.')
  expect(await run(task)).toMatchObject({ ended: 'complete' })
  expect(posts).toEqual(['newer 1', 'newer 1'])
})

it('a connection that ends leaves cursors, and no items of its own', async () => {
  await table.sessions.end('old', { atMs: Date.now() })
  expect(await idsUnder('old')).toEqual([])
  expect(await idsUnder(owner)).toEqual(['cursor#1', 'cursor#2', 'cut#1', 'holder'])
  const subscription = { operationId: '1', operation: nameOf('1') } as ReplayTask['replay']
  expect(isPending(await table.sessions.cursors.find(owner, subscription))).toBe(true)
})
