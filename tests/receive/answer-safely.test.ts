import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { makeExecutableSchema } from '@graphql-tools/schema'
import fc from 'fast-check'
import { MessageType, validateMessage } from 'graphql-ws'
import { createTable } from '../../lib/aws/table'
import { createClients } from '../../lib/clients/clients'
import { logMaskedError } from '../../lib/observability/logger'
import { documentRules, readDocumentLimits } from '../../lib/operations/document-rules'
import { createOperations } from '../../lib/operations/execute'
import type { Answer } from '../../lib/protocol/dialect'
import type { Subprotocol } from '../../lib/protocol/subprotocol'
import { answerSafely } from '../../lib/receive/answer-safely'
import type { Receiver } from '../../lib/receive/receiver'
import { api, type FixtureContext } from '../fixture/api'
import { anyText } from '../support/any-text'
import { captureLogOfEach } from '../support/captured-log'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { parseMessage, receiverOf } from '../support/receiver'

const secret = 'connect ECONNREFUSED sns.internal:4002'
const { schema } = api
const operations = createOperations({ schema, limits: documentRules(readDocumentLimits({})), onError: logMaskedError })
const context: FixtureContext = {
  identity: undefined,
  publish: () => Promise.reject(new Error(secret)),
  read: () => Promise.reject(new Error(secret)),
}

let table: ClientsTable
const logged = captureLogOfEach()
let connections = 0

beforeAll(async () => {
  table = await startClientsTable()
})

afterAll(() => table.close())

describe('any frame', () => {
  it.each([undefined, 'graphql-ws', 'graphql-transport-ws'] as const)(
    'is answered in the dialect of its connection without throwing (%s)',
    async (subprotocol) => {
      await fc.assert(
        fc.asyncProperty(frame, async (text) => {
          const connectionId = await connect(subprotocol) // a new one, because a frame may end it
          const { frames, close } = await answer(connectionId, text)
          for (const answered of frames) {
            const parsed: unknown = JSON.parse(answered)
            expect(isRefusal(parsed, close) || isOfDialect(parsed, subprotocol)).toBe(true)
          }
        }),
        { numRuns: 300 },
      )
      expect(loggedErrors().filter((line) => !line.includes(secret))).toEqual([])
    },
  )
})

describe('an internal error', () => {
  it.each([
    ['graphql-ws', 'start', (payload: unknown) => ({ type: 'data', id: '1', payload })],
    ['graphql-transport-ws', 'subscribe', (payload: unknown) => ({ type: 'next', id: '1', payload })],
    [undefined, undefined, (payload: unknown) => payload],
  ] as const)(
    'of a resolver is masked, with a reference that is also in the log (%s)',
    async (subprotocol, type, wrapped) => {
      const connectionId = await connect(subprotocol)
      const request = { query: 'mutation { post(board: "a", text: "b") }' }
      await answer(connectionId, '{"type":"connection_init"}')
      const { frames } = await answer(
        connectionId,
        JSON.stringify(type ? { type, id: '1', payload: request } : request),
      )
      expect(frames.join()).not.toContain('ECONNREFUSED')
      expect(JSON.parse(frames[0] ?? '')).toEqual(
        wrapped({
          data: { post: null },
          errors: [
            {
              message: expect.stringMatching(/^Internal server error/),
              path: ['post'],
              locations: [{ line: 1, column: 12 }],
              extensions: { code: 'INTERNAL_SERVER_ERROR', id: expect.any(String) },
            },
          ],
        }),
      )
      const [, id = 'none'] = /"id":"([\da-f-]{36})"/.exec(frames[0] ?? '') ?? []
      expect(loggedErrors()).toEqual([expect.stringContaining(id)])
      expect(loggedErrors()[0]).toContain(secret)
    },
  )

  it.each([
    ['legacy', '{"type":"start","id":"1","payload":{"query":"{hello}"}}', ['error'], undefined],
    ['current', '{"type":"subscribe","id":"1","payload":{"query":"{hello}"}}', ['error'], undefined],
    ['raw', '{"query":"{hello}"}', [undefined], undefined],
    ['legacy', '{"type":"stop","id":"1"}', ['connection_error'], 1011],
    ['current', '{"type":"complete","id":"1"}', [], 4500],
    ['unknown', '{"type":"connection_init"}', [], 1011],
    ['unknown', '{', [], 1011],
  ])(
    'of the table is answered in the dialect of the message, or ends the connection (%s: %s)',
    async (_dialect, text, types, code) => {
      const clients = createClients({ table: createTable({ dynamoDb: table.dynamoDb, tableName: 'no-such-table' }) })
      const { frames, close } = await answer('anyone', text, { clients })
      expect(frames.map((frame) => (JSON.parse(frame) as { type?: string }).type)).toEqual(types)
      expect(frames.join()).not.toContain('ResourceNotFoundException')
      expect(close?.code).toBe(code)
      expect(loggedErrors()).toEqual([expect.stringContaining('ResourceNotFoundException')])
    },
  )
})

// Regression: JSON.parse quotes text that it cannot parse, which went to the log with the reason of the close.
it.each([
  '{"type":"connection_init","payload":{"authToken":"eyJhbGciOiJSUzI1NiJ9.secret',
  'eyJhbGciOiJSUzI1NiJ9.secret',
])('does not log a message that is not JSON: %s', async (text) => {
  const { close } = await answer(await connect('graphql-transport-ws'), text)
  expect(close?.code).toBe(4400)
  expect(logged.join()).toContain('Closing a connection.')
  expect(logged.join()).not.toMatch(/eyJ|secret/)
})

describe('the number of subscriptions of a connection', () => {
  it('has a limit of 100, which replacing a subscription does not exceed', async () => {
    const connectionId = await connect('graphql-ws')
    const start = (id: string) =>
      answer(
        connectionId,
        JSON.stringify({ id, type: 'start', payload: { query: 'subscription { text(board: "a") }' } }),
      )
    for (let n = 1; n <= 100; n++) expect(await start(String(n))).toEqual({ frames: [] })
    const refused = await start('101')
    expect(refused.frames.map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        type: 'error',
        id: '101',
        payload: {
          message: 'A connection may have at most 100 subscriptions.',
          extensions: { code: 'LIMIT_EXCEEDED' },
        },
      },
    ])
    expect(await start('100')).toEqual({ frames: [] })
  })
})

describe('a result that is too large for API Gateway', () => {
  const large = makeExecutableSchema({
    typeDefs: 'type Query { large: String }',
    resolvers: { Query: { large: () => 'é'.repeat(64 * 1024) } },
  })
  const tooLarge = {
    message: expect.stringMatching(/^The result is \d+ bytes/),
    extensions: { code: 'LIMIT_EXCEEDED' },
  }

  it.each([
    ['graphql-ws', 'start', { type: 'error', id: '1', payload: tooLarge }],
    ['graphql-transport-ws', 'subscribe', { type: 'error', id: '1', payload: [tooLarge] }],
    [undefined, undefined, { errors: [tooLarge] }],
  ] as const)('is replaced by an error of its operation (%s)', async (subprotocol, type, expected) => {
    const clients = createClients(table)
    const connectionId = await connect(subprotocol)
    await clients.acknowledge(connectionId, {})
    const request = { query: '{ large }' }
    const text = JSON.stringify(type ? { type, id: '1', payload: request } : request)
    const largeOperations = createOperations({ schema: large, onError: logMaskedError })
    const { frames } = await answer(connectionId, text, { operations: largeOperations })
    expect(frames.map((answered) => JSON.parse(answered) as unknown)).toEqual([expected])
  })
})

const documents = fc.constantFrom(
  '{ hello }',
  '{',
  'subscription { text(board: "a") }',
  'subscription ($a: [String!]) { notes(board: "a", tags: $a) { text } }',
  'mutation { post(board: "a", text: "b") }',
  'query A { hello } query B { hello }',
  '{ ...A } fragment A on Query { ...A }',
)
const anything = fc.jsonValue()
const request = fc.record(
  {
    query: fc.oneof(documents, anyText(), anything),
    variables: fc.oneof(fc.record({ a: anything }), anything),
    operationName: fc.oneof(fc.constantFrom('A', '', 'constructor'), anything),
    extensions: anything,
  },
  { requiredKeys: [] },
)
const type = fc.oneof(
  fc.constantFrom(...Object.values(MessageType), 'start', 'stop', 'connection_terminate', 'ka', 'data', '__proto__'),
  anything,
)
const id = fc.oneof(fc.constantFrom('1', 'client', 'subscription#1', ''), anyText(), anything)
const envelope = fc.record({ type, id, payload: fc.oneof(request, anything) }, { requiredKeys: [] })

/** Well-formed requests for subscriptions with any id and variables, so that these are stored. */
const subscription = fc.record({
  type: fc.constantFrom('start', 'subscribe'),
  id: fc.oneof(fc.constantFrom('\ud800', 'client'), anyText({ minLength: 1, maxLength: 20 })),
  payload: fc.record({
    query: fc.constant('subscription { text(board: "a") }'),
    variables: fc.dictionary(anyText(), anything),
  }),
})

const frame = fc.oneof(
  { weight: 2, arbitrary: subscription.map((message) => JSON.stringify(message)) },
  { weight: 6, arbitrary: envelope.map((message) => JSON.stringify(message)) },
  { weight: 2, arbitrary: request.map((message) => JSON.stringify(message)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: anyText() },
)

/** Whether a frame is the one that refuses a client of graphql-ws, which cannot parse it and gives up. */
function isRefusal(answered: unknown, close: Answer['close']): boolean {
  return close !== undefined && JSON.stringify(answered) === JSON.stringify({ type: `${close.code}: ${close.reason}` })
}

/**
 * Whether a frame is valid in its dialect. A client of graphql-ws gives up at a frame that its own validation rejects.
 */
function isOfDialect(answered: unknown, subprotocol: Subprotocol | undefined): boolean {
  if (typeof answered !== 'object' || answered === null) return false
  if (subprotocol === 'graphql-transport-ws') return validateMessage(answered) === answered
  const legacy = ['connection_ack', 'connection_error', 'data', 'error', 'complete', 'pong']
  if ('type' in answered) return typeof answered.type === 'string' && [...legacy, 'next'].includes(answered.type)
  return subprotocol === undefined && ('data' in answered || 'errors' in answered)
}

async function connect(subprotocol: Subprotocol | undefined): Promise<string> {
  const connectionId = `connection-${String(++connections)}`
  const callbackUrl = 'https://callback'
  await createClients(table).register({ connectionId, callbackUrl, subprotocol, connectedAtMs: Date.now() })
  return connectionId
}

function answer(connectionId: string, text: string, changed: Partial<Receiver> = {}): Promise<Answer> {
  const receiver = receiverOf(table, { operations, contextFor: () => context, ...changed })
  return answerSafely({ connectionId, message: parseMessage(text), receivedAtMs: Date.now() }, receiver)
}

function loggedErrors(): readonly string[] {
  return logged.filter((line) => line.includes('"ERROR"'))
}
