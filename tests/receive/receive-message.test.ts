import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type Access, createAccess } from '../../lib/authentication/access'
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

describe('what a message reads and writes', () => {
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

describe('a connection_init without the token that it needs', () => {
  it.each([
    ['graphql-ws', ['connection_error'], 1011],
    ['graphql-transport-ws', [], 4403],
    [undefined, [], 4403],
  ] as const)(
    'is refused in the words of %s, and in none where nothing says which',
    async (subprotocol, types, code) => {
      await connect(subprotocol)
      const { frames, close } = await receive({ type: 'connection_init' }, closed)
      expect(frames.map((frame) => (JSON.parse(frame) as { type: string }).type)).toEqual(types)
      expect(close?.code).toBe(code)
      expect(await table.clients.find(connectionId)).toBeUndefined()
    },
  )
})

function connect(subprotocol: Subprotocol | undefined): Promise<void> {
  const callbackUrl = 'https://callback'
  return table.clients.register({ connectionId, callbackUrl, subprotocol, connectedAtMs: Date.now() })
}

function receive(message: unknown, access: Access = open): Promise<Answer> {
  const received = { connectionId, message: parseMessage(message), receivedAtMs: Date.now() }
  return receiveMessage(received, receiverOf(table, { access }))
}
