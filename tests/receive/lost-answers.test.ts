import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import type { Subscriber } from '../../lib/clients/subscriber'
import type { OperationId } from '../../lib/operations/request'
import type { Answer } from '../../lib/protocol/dialect'
import type { Subprotocol } from '../../lib/protocol/subprotocol'
import { receiveMessage } from '../../lib/receive/receive-message'
import { readLimits } from '../../lib/receive/limits'
import type { Receiver } from '../../lib/receive/receiver'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { parseMessage, receiverOf } from '../support/receiver'

/**
 * Every conditional write succeeds, but its answer is lost, so DynamoDB is called again. The client must not notice.
 */
let table: ClientsTable
let connectionId: string
let connections = 0
/** Stays within one window of the rate limit. */
let clock = Math.floor(Date.now() / 10_000) * 10_000

beforeAll(async () => {
  table = await startClientsTable(() => clock)
})
afterAll(() => table.close())

beforeEach(() => {
  connectionId = `connection ${String(++connections)}`
})
afterEach(() => {
  table.onCall = undefined
})

function loseAnswers(): void {
  table.onCall = async (operation, input) => {
    if (input['ConditionExpression'] !== undefined) await table.dynamoDb.call(operation, input)
    return table.dynamoDb.call(operation, input)
  }
}

const ack: Answer = { frames: ['{"type":"connection_ack"}'] }
const nothing: Answer = { frames: [] }
const hello = { type: 'connection_init' }
const query = (...tags: readonly string[]) =>
  `subscription { notes(board: "b", tags: ${JSON.stringify(tags)}) { text } }`
const subscribe = (...tags: readonly string[]) => ({ id: '1', type: 'subscribe', payload: { query: query(...tags) } })
const start = (...tags: readonly string[]) => ({ ...subscribe(...tags), type: 'start' })

// Regression: the repeated write of either message looked like a second message, which closed the connection.
it('a client of the current protocol is acknowledged and subscribed', async () => {
  await connect('graphql-transport-ws')
  loseAnswers()
  expect(await receive(hello)).toEqual(ack)
  expect(await receive(subscribe('x', 'y'))).toEqual(nothing)
  expect(await listening()).toHaveLength(3)
})

// Regression: the repeated write did not recognise its own subscription. The client of the current protocol was closed
// with 4409; that of the legacy protocol received nothing more, since its subscription was held again.
it.each([
  ['graphql-transport-ws', 'subscribe'],
  ['graphql-ws', 'start'],
] as const)(
  'a subscription of %s stays released if its replay ends before the repeated write',
  async (protocol, type) => {
    await connect(protocol)
    await receive(hello)
    let replayed: Subscriber | undefined
    table.onCall = async (operation, input) => {
      const output = await table.dynamoDb.call(operation, input)
      const stored = replayed && operation === 'PutItem' && (await table.subscriptions.find(replayed))
      if (!stored) return output
      await table.subscriptions.release(stored)
      return table.dynamoDb.call(operation, input)
    }
    const asked = { query: 'subscription { notes(board: "b", tags: ["x", "y"], after: 0) { text } }' }
    const requestReplay: Receiver['requestReplay'] = ({ replay }) => {
      replayed = replay
      return Promise.resolve()
    }
    expect(await receive({ id: '1', type, payload: asked }, { requestReplay })).toEqual(nothing)
    expect(await listening()).toEqual(['further#1#1', 'further#2#1', 'subscription#1'])
  },
)

it('a message that the client repeats is still refused', async () => {
  await connect('graphql-transport-ws')
  loseAnswers()
  await receive(hello)
  expect((await receive(hello)).close?.code).toBe(4429)
  const held = table.hold('PutItem')
  const single = { id: '1', type: 'subscribe', payload: { query: 'subscription { text(board: "b") }' } }
  const overtaken = receive(single)
  await held.reached
  expect(await receive(single)).toEqual(nothing)
  held.release()
  expect((await overtaken).close?.code).toBe(4409)
})

// Regression: the items of its further topics remained, and it continued to receive events.
it.each([
  ['graphql-transport-ws', subscribe('x', 'y'), 'complete'],
  ['graphql-ws', start('x', 'y'), 'stop'],
] as const)('a stopped subscription of %s leaves no item in the index', async (protocol, begin, type) => {
  await connect(protocol)
  await receive(hello)
  await receive(begin)
  await receive({ ...begin, id: 'other' })
  loseAnswers()
  expect(await receive({ id: '1', type })).toEqual(nothing)
  expect(await listening()).toEqual(['further#1#other', 'further#2#other', 'subscription#other'])
})

it('a subscription keeps all its topics if an earlier stop is processed late', async () => {
  await connect('graphql-ws')
  const stoppedAtMs = ++clock
  await receive(start('x', 'y'))
  await table.clients.unsubscribe({ connectionId, operationId: '1' as OperationId, receivedAtMs: stoppedAtMs })
  expect(await listening()).toEqual(['further#1#1', 'further#2#1', 'subscription#1'])
})

it('a subscription that is stopped in the millisecond of its start leaves no item in the index', async () => {
  await connect('graphql-ws')
  await receive(start('x', 'y'))
  loseAnswers()
  await table.clients.unsubscribe({ connectionId, operationId: '1' as OperationId, receivedAtMs: clock })
  expect(await listening()).toEqual([])
})

it('a subscription that replaces one with more topics leaves no item of that one in the index', async () => {
  await connect('graphql-ws')
  await receive(start('x', 'y', 'z'))
  loseAnswers()
  expect(await receive(start('x'))).toEqual(nothing)
  expect(await listening()).toEqual(['further#1#1', 'subscription#1'])
})

it('an operation counts once towards the rate limit', async () => {
  await connect('graphql-ws')
  loseAnswers()
  const limits = readLimits({ MAX_OPERATIONS_PER_10_SECONDS: '3' })
  const answers = []
  for (let n = 1; n <= 4; n++) answers.push(await receive(start('x'), { limits }))
  expect(answers.map(({ frames }) => frames.join().includes('RATE_LIMITED'))).toEqual([false, false, false, true])
})

function connect(subprotocol: Subprotocol): Promise<void> {
  return table.clients.register({
    connectionId,
    callbackUrl: 'https://callback',
    subprotocol,
    connectedAtMs: Date.now(),
  })
}

function receive(message: unknown, changed: Partial<Receiver> = {}): Promise<Answer> {
  const received = { connectionId, message: parseMessage(message), receivedAtMs: ++clock }
  return receiveMessage(received, receiverOf(table, changed))
}

/** The ids of the connection's items in the index, sorted. */
async function listening(): Promise<readonly unknown[]> {
  const items = await table.items()
  const own = items.filter((item) => item['connectionId'] === connectionId && item['topic'] !== undefined)
  return own.map(({ id }) => id).toSorted()
}
