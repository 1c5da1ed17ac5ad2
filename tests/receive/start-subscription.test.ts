import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import type { Storable } from '../../lib/aws/attribute-values'
import { channelTopic } from '../../lib/channels/topic'
import { cursorOwner, sessionName } from '../../lib/clients/sessions'
import type { ReplayTask } from '../../lib/publisher/assignment'
import type { Receiver } from '../../lib/receive/receiver'
import { receiveMessage } from '../../lib/receive/receive-message'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { parseMessage, receiverOf } from '../support/receiver'

const board = channelTopic('board', 'room')
const from = (after: number) => `subscription { notes(board: "room", after: ${after}) { text } }`
const plain = 'subscription { notes(board: "room") { text } }'
const params = { clientId: 'tab' }
const session = sessionName('tab', undefined)

let table: ClientsTable
let requested: ReplayTask[]
let atMs = Date.now()

beforeAll(async () => {
  table = await startClientsTable()
})
afterAll(() => table.close())

beforeEach(() => {
  requested = []
})
afterEach(async () => {
  table.onCall = undefined
  for (const { connectionId } of await table.items()) await table.clients.remove(String(connectionId))
})

function receive(connectionId: string, message: unknown, changed: Partial<Receiver> = {}) {
  const requestReplay = (task: ReplayTask) => Promise.resolve(void requested.push(task))
  const history = { ...receiverOf(table).history, sequenceBefore: () => Promise.resolve(5) }
  const receiver = receiverOf(table, { requestReplay, history, ...changed })
  return receiveMessage({ connectionId, message: parseMessage(message), receivedAtMs: ++atMs }, receiver)
}

async function comeIn(connectionId: string, payload: object | null = params) {
  const connectedAtMs = Date.now()
  await table.clients.register({ connectionId, callbackUrl: 'url', subprotocol: 'graphql-ws', connectedAtMs })
  await receive(connectionId, { type: 'connection_init', payload })
}

const start = (connectionId: string, query: string, changed: Partial<Receiver> = {}) =>
  receive(connectionId, { id: '1', type: 'start', payload: { query } }, changed)

const listed = async () => (await table.subscribers.page(board)).subscribers.map(({ connectionId }) => connectionId)
const stored = async (id: string) => (await table.items()).filter((item) => item['id'] === id)

async function cursor(owner: string) {
  const [item] = (await table.items()).filter(({ connectionId, id }) => connectionId === owner && id === 'cursor#1')
  return item && { sinceMs: item['sinceMs'], after: item['after'], target: item['target'] }
}

it('makes no extra calls for a client without a session', async () => {
  await comeIn('c1', null)
  const called: string[] = []
  table.onCall = (operation) => void called.push(operation)
  await start('c1', plain)
  expect(called).toEqual(['Query', 'PutItem'])
  expect(requested).toEqual([])
  expect(await listed()).toEqual(['c1'])
})

it('holds a subscription with a position for a replay, even without a session', async () => {
  await comeIn('c1', null)
  await start('c1', from(3))
  expect(requested).toMatchObject([{ replay: { connectionId: 'c1', operationId: '1' }, receivedAtMs: atMs }])
  expect(await listed()).toEqual([])
  expect(await cursor('c1')).toEqual({ after: 3, target: 'c1' })
})

it('holds a subscription for which an earlier connection of the session left a cursor', async () => {
  await comeIn('c1')
  await start('c1', plain)
  const endMs = Date.now()
  await table.sessions.end('c1', { atMs: endMs })
  await comeIn('c2')
  await start('c2', plain)
  expect(requested).toMatchObject([{ replay: { connectionId: 'c2' }, session }])
  expect(await listed()).toEqual([])
  expect(await cursor(cursorOwner(session, ''))).toMatchObject({ sinceMs: expect.any(Number), target: 'c2' })
})

it.each([
  ['that of the client', 8, 8],
  ['that of the cursor', 2, 5],
])('resumes from the later of two positions: %s', async (_what, after, expected) => {
  await comeIn('c1')
  await start('c1', from(after))
  await table.sessions.cursors.cut(
    cursorOwner(session, ''),
    requested.map(({ replay }) => ({ ...replay, beganAtMs: 0 })),
    { sinceMs: 1 },
    () => Promise.resolve(true),
  )
  await table.sessions.end('c1', { atMs: Date.now() })
  // A cursor with a time, as if the first event had been replayed and received.
  const [item] = await stored('cursor#1')
  await table.table.put({ ...(item as Record<string, Storable>), after: undefined, sinceMs: 1_000 })
  await comeIn('c2')
  await start('c2', from(after))
  expect(await cursor(cursorOwner(session, ''))).toEqual({ sinceMs: 1_000, after: expected, target: 'c2' })
})

// Regression: the subscription was stored first. If the function died before it requested the replay, the subscription
// was never released.
it('requests the replay before it stores the subscription', async () => {
  await comeIn('c1')
  const dying = { requestReplay: () => Promise.reject(new Error('killed')) }
  await expect(start('c1', from(0), dying)).rejects.toThrow('killed')
  expect(await stored('subscription#1')).toEqual([])
  let wasStored: boolean | undefined
  await start('c1', from(0), {
    async requestReplay() {
      wasStored = (await stored('subscription#1')).length > 0
    },
  })
  expect(wasStored).toBe(false)
})

it('requests the replay again if storing the subscription took more than 2 s', async () => {
  await comeIn('c1')
  const clock = Date.now
  try {
    table.onCall = (operation, input) => {
      const id = (input as { Item?: { id?: { S?: string } } }).Item?.id?.S
      if (operation === 'PutItem' && id === 'subscription#1') Date.now = () => clock() + 2_001
      return undefined
    }
    await start('c1', from(0))
  } finally {
    Date.now = clock
  }
  expect(requested).toHaveLength(2)
})

it('requests an initial state for the session, even if the start overtakes connection_init', async () => {
  const connectedAtMs = Date.now()
  await table.clients.register({ connectionId: 'c1', callbackUrl: 'url', subprotocol: 'graphql-ws', connectedAtMs })
  const history = { ...receiverOf(table).history, tail: () => Promise.resolve(0) }
  const contextFor = () => ({ identity: undefined, read: () => Promise.resolve([]) })
  const starting = start('c1', 'subscription { latest(board: "room") { text } }', { history, contextFor })
  await receive('c1', { type: 'connection_init', payload: params })
  await starting
  expect(requested).toMatchObject([{ replay: { connectionId: 'c1' }, session }])
})

it('resumes a subscription that was stored before its connection_init was answered', async () => {
  await comeIn('c1')
  await start('c1', plain)
  await table.sessions.end('c1', { atMs: Date.now() })
  const connectedAtMs = Date.now()
  await table.clients.register({ connectionId: 'c2', callbackUrl: 'url', subprotocol: 'graphql-ws', connectedAtMs })
  await start('c2', plain)
  expect(requested).toEqual([])
  await receive('c2', { type: 'connection_init', payload: params })
  expect(requested).toMatchObject([{ replay: { connectionId: 'c2' }, session }])
  expect(await listed()).toEqual(['c2'])
})
