import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type Access, createAccess } from '../../lib/authentication/access'
import { type Limits, readLimits } from '../../lib/receive/limits'
import type { Answer } from '../../lib/protocol/dialect'
import type { Subprotocol } from '../../lib/protocol/subprotocol'
import { receiveMessage } from '../../lib/receive/receive-message'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { parseMessage, receiverOf } from '../support/receiver'

let table: ClientsTable
let called: string[]
let connectionId: string
let connections = 0

const open = createAccess({ required: false, verify: undefined })
const closed = createAccess({ required: true, verify: undefined })

beforeAll(async () => {
  table = await startClientsTable()
  table.onCall = (operation) => void called.push(operation)
})

afterAll(() => table.close())

beforeEach(() => {
  called = []
  connectionId = `connection-${String(++connections)}`
})

describe('the DynamoDB calls of a message', () => {
  const query = '{ hello }'
  const subscription = 'subscription { text(board: "room") }'

  it.each([
    ['a subscription', 'graphql-ws', 'start', subscription, ['Query', 'PutItem']],
    ['a subscription', 'graphql-transport-ws', 'subscribe', subscription, ['Query', 'PutItem']],
    ['a query', 'graphql-ws', 'start', query, ['GetItem']],
    ['a query', 'graphql-transport-ws', 'subscribe', query, ['GetItem', 'GetItem']],
  ] as const)('%s over %s', async (_what, subprotocol, type, document, expected) => {
    await connect(subprotocol)
    await receive({ type: 'connection_init' })
    called = []
    await receive({ id: '1', type, payload: { query: document } })
    expect(called).toEqual(expected)
  })
})

describe('a legacy start without a connection_init, if a token may follow,', () => {
  const start = { id: '1', type: 'start', payload: { query: '{ hello }' } }
  const verify = () => Promise.reject(new Error('No token is shown.'))
  const answers = [
    ['is answered', false, '"data":{"hello"'],
    ['is refused', true, 'UNAUTHENTICATED'],
  ] as const

  it('is refused after seven checks for a connection_init', async () => {
    await connect(undefined)
    const { frames } = await receive(start, createAccess({ required: true, verify }))
    expect(frames[0]).toContain('UNAUTHENTICATED')
    expect(called).toEqual(['PutItem', ...Array<string>(8).fill('GetItem')]) // register, find, and 7 checks
  }, 15_000)

  it.each(answers)('%s at once if its connection is 10 s old', async (_what, required, words) => {
    await connect(undefined, Date.now() - 10_000)
    const { frames } = await receive(start, createAccess({ required, verify }))
    expect(frames[0]).toContain(words)
    expect(called).toEqual(['PutItem', 'GetItem'])
  })

  // Regression: each message held a function for 5 s before it was counted.
  it('is refused at once if its connection exceeds its rate of operations', async () => {
    await connect(undefined, Date.now() - 9_000) // so that the other one waits for 1 s
    const access = createAccess({ required: true, verify })
    const limits = readLimits({ MAX_OPERATIONS_PER_10_SECONDS: '1' })
    const starts = [receive(start, access, limits), receive(start, access, limits)]
    expect((await Promise.race(starts)).frames[0]).toContain('RATE_LIMITED')
    await Promise.all(starts)
  }, 15_000)
})

// Regression: 1e20 is printed with 21 digits, so the answer was larger than API Gateway sends.
it('a ping with a payload that would make its answer too large gets a pong without it', async () => {
  const numbers = (count: number) => `{"type":"ping","payload":{"a":[1${',1e20'.repeat(count)}]}}`
  expect((await receive(numbers(5_000))).frames[0]).toHaveLength(
    '{"type":"pong","payload":{"a":[1]}}'.length + 5_000 * 22,
  )
  expect((await receive(numbers(6_000))).frames).toEqual(['{"type":"pong"}'])
})

// Regression: `subscribe` of its field, which may read tables, ran before the limit was checked.
it.each([{ MAX_SUBSCRIPTIONS: '1' }, { MAX_SUBSCRIPTION_BYTES: '40' }])(
  'a subscription over a limit is refused before anything is executed: %j',
  async (environment) => {
    await connect('graphql-ws')
    const start = (id: string, query: string) =>
      receive({ id, type: 'start', payload: { query } }, open, readLimits(environment))
    expect(await start('1', 'subscription { text(board: "a") }')).toEqual({ frames: [] })
    const refusedByItsField = 'subscription ForAnEmptyBoard { text(board: "") }'
    expect((await start('2', refusedByItsField)).frames[0]).toContain('LIMIT_EXCEEDED')
  },
)

describe('a connection_init without a required token', () => {
  it.each([
    ['graphql-ws', ['connection_error'], 1011],
    ['graphql-transport-ws', ['4403: A token is required: send it as "authToken" of the connection parameters.'], 4403],
    [undefined, [], 4403],
  ] as const)('is refused in the dialect of the sub-protocol: %s', async (subprotocol, types, code) => {
    await connect(subprotocol)
    const { frames, close } = await receive({ type: 'connection_init' }, closed)
    expect(frames.map((frame) => (JSON.parse(frame) as { type: string }).type)).toEqual(types)
    expect(close?.code).toBe(code)
    expect(await table.clients.find(connectionId)).toBeUndefined()
  })
})

describe('a connection_init with the token of another user', () => {
  const verify = (subject: string) =>
    Promise.resolve({
      kind: 'valid' as const,
      identity: { subject, groups: [], expiresAtSeconds: 2 ** 33, claims: {} },
    })
  const access = createAccess({ required: true, verify })
  const hello = (authToken: string) => ({ type: 'connection_init', payload: { authToken } })

  it.each(['graphql-ws', 'graphql-transport-ws'] as const)(
    'is refused, and changes no item of the first user: %s',
    async (subprotocol) => {
      await connect(subprotocol)
      await receive(hello('ann'), access)
      const type = subprotocol === 'graphql-ws' ? 'start' : 'subscribe'
      await receive({ id: '1', type, payload: { query: 'subscription { text(board: "room") }' } }, access)
      const before = await table.items()
      const { frames, close } = await receive(hello('ben'), access)
      expect(frames.join()).toContain('This connection belongs to another user')
      expect(close).toBeDefined()
      expect(await table.items()).toEqual(before)
    },
  )
})

function connect(subprotocol: Subprotocol | undefined, connectedAtMs = Date.now()): Promise<void> {
  const callbackUrl = 'https://callback'
  return table.clients.register({ connectionId, callbackUrl, subprotocol, connectedAtMs })
}

function receive(message: unknown, access: Access = open, limits: Limits = readLimits({})): Promise<Answer> {
  const received = { connectionId, message: parseMessage(message), receivedAtMs: Date.now() }
  return receiveMessage(received, receiverOf(table, { access, limits }))
}
