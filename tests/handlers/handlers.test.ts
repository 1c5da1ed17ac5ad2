import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { graphqlOverHttp, receiveMessages } from '../../lib'
import type { HttpResponse, RouteResponse } from '../../lib/gateway/events'
import { api } from '../fixture/api'
import { captureLog } from '../support/captured-log'
import { type ClientsTable, startClientsTable } from '../support/clients-table'

/**
 * The handlers as Lambda loads them, with their settings in the environment. Introspection is off, and SNS is
 * unreachable.
 */
let table: ClientsTable
let connect: typeof import('../../lib/handlers/connect').handler
let receive: ReturnType<typeof receiveMessages>
let closeConnections: typeof import('../../lib/handlers/close-connections').handler
let disconnect: typeof import('../../lib/handlers/disconnect').handler
let graphql: ReturnType<typeof graphqlOverHttp>
const logged: string[] = []
const nowhere = 'http://127.0.0.1:1'

beforeAll(async () => {
  table = await startClientsTable()
  Object.assign(process.env, {
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_MAX_ATTEMPTS: '1',
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    AWS_ENDPOINT_URL_SNS: nowhere,
    CLIENTS_TABLE: table.tableName,
    MESSAGES_TABLE: 'messages',
    LEFTOVERS_TOPIC_ARN: 'arn:aws:sns:local:000000000000:leftovers',
    CLOSINGS_URL: 'http://127.0.0.1:1/closings',
    CALLBACK_URL: nowhere,
    EVENTS_TOPIC_ARN: 'arn:aws:sns:local:000000000000:events',
    INTROSPECTION: 'false',
    ACCESS: 'open',
    ALLOWED_ORIGINS: '*',
  })
  captureLog(logged)
  receive = receiveMessages(api)
  graphql = graphqlOverHttp(api)
  ;({ handler: connect } = await import('../../lib/handlers/connect'))
  ;({ handler: closeConnections } = await import('../../lib/handlers/close-connections'))
  ;({ handler: disconnect } = await import('../../lib/handlers/disconnect'))
})

afterAll(() => {
  jest.restoreAllMocks()
  return table.close()
})

const requestContext = (connectionId: string) => ({
  connectionId,
  connectedAt: Date.now(),
  requestTimeEpoch: Date.now(),
  requestId: 'request',
})

const send = (connectionId: string, message: unknown): Promise<RouteResponse> =>
  receive({ body: JSON.stringify(message), requestContext: requestContext(connectionId) })

const post = (query: string, operationName?: string): Promise<HttpResponse> =>
  graphql({
    rawPath: '/graphql',
    rawQueryString: '',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: Buffer.from(JSON.stringify({ query, operationName })).toString('base64'),
    isBase64Encoded: true,
    requestContext: { requestId: 'query', http: { method: 'POST' } },
  })

describe('$connect', () => {
  it.each([
    ['sec-websocket-protocol', 'graphql-ws', 'graphql-ws'],
    ['Sec-WebSocket-Protocol', 'graphql-transport-ws', 'graphql-transport-ws'],
    ['SEC-WEBSOCKET-PROTOCOL', 'soap, graphql-ws,graphql-transport-ws', 'graphql-ws'],
  ])('answers %s: %s with %s', async (name, offered, chosen) => {
    const response = await connect({ headers: { [name]: offered }, requestContext: requestContext(offered) })
    expect(response).toEqual({ statusCode: 200, headers: { 'Sec-WebSocket-Protocol': chosen } })
  })

  it.each([undefined, {}, { Host: 'here' }, { 'Sec-WebSocket-Protocol': '' }])(
    'answers without a sub-protocol if the client offers none: %j',
    async (headers) => {
      const response = await connect({ ...(headers && { headers }), requestContext: requestContext('none') })
      expect(response).toEqual({ statusCode: 200 })
    },
  )

  it('refuses a client that offers only unknown sub-protocols, and registers nothing', async () => {
    const headers = { 'Sec-WebSocket-Protocol': 'soap, GRAPHQL-WS' }
    expect(await connect({ headers, requestContext: requestContext('soap') })).toEqual({ statusCode: 400 })
    expect((await table.items()).map((item) => item['connectionId'])).not.toContain('soap')
  })
})

describe('introspection on a stage that disables it', () => {
  const query = '{ __schema { queryType { name } } }'
  const refusal = /introspection has been disabled/

  it('is refused over the WebSocket', async () => {
    await connect({ requestContext: requestContext('introspecting') })
    expect((await send('introspecting', { query })).body).toMatch(refusal)
  })

  it('is refused over HTTP', async () => {
    const { statusCode, body } = await post(query)
    expect(statusCode).toBe(400)
    expect(body).toMatch(refusal)
  })
})

// Regression: over HTTP, the rule of graphql-js threw out of the handler, so the answer was API Gateway's 500.
it.each(['$skip', 'true'])(
  'a subscription with @skip(if: %s) makes a document invalid over HTTP, too',
  async (skip) => {
    const subscription = `subscription B($skip: Boolean!) { text(board: "a") @skip(if: ${skip}) @include(if: $skip) }`
    const { statusCode, body } = await post(`query A { hello } ${subscription}`, 'A')
    expect(statusCode).toBe(400)
    expect(body).toContain('A subscription cannot have @skip on its root field')
  },
)

it('hides a failed AWS call from an HTTP client, and logs it under the reference it receives', async () => {
  const { body = '' } = await post('mutation { post(board: "a", text: "b") }')
  const [, id = 'none'] = /Reference: ([\da-f-]{36})/.exec(body) ?? []
  expect(body).not.toContain('SNS')
  expect(logged.find((line) => line.includes(id))).toContain('SNS Publish failed')
})

it('returns an error in the dialect of the client if @connections cannot be reached', async () => {
  const headers = { 'Sec-WebSocket-Protocol': 'graphql-ws' }
  await connect({ headers, requestContext: requestContext('unreachable') })
  const { body = '' } = await send('unreachable', { id: '1', type: 'start', payload: { query: '{ hello }' } })
  expect(JSON.parse(body)).toMatchObject({
    type: 'error',
    id: '1',
    payload: { extensions: { code: 'INTERNAL_SERVER_ERROR' } },
  })
})

it('deletes a connection and its subscriptions on $disconnect', async () => {
  await connect({ requestContext: requestContext('leaving') })
  await send('leaving', { query: 'subscription { text(board: "a") }' })
  const left = async () => (await table.items()).filter((item) => item['connectionId'] === 'leaving')
  expect(await left()).toHaveLength(2)
  await disconnect({ requestContext: requestContext('leaving') })
  expect(await left()).toEqual([])
})

describe('closeConnections', () => {
  // Regression: it reported its messages to SQS and succeeded, so the alarm of its errors could not fire.
  it('fails if it can close no connection', async () => {
    const Records = [{ messageId: 'm', body: JSON.stringify({ connectionId: 'a' }) }]
    await expect(closeConnections({ Records })).rejects.toThrow('No connection could be closed.')
    expect(logged.join('')).toMatch(/"level":"ERROR","message":"Connections could not be closed\."/)
  })
})
