import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { graphqlOverHttp, receiveMessages } from '../../lib'
import type { HttpResponse, RouteResponse } from '../../lib/gateway/events'
import { api } from '../fixture/api'
import { startSqs } from '../../lib/local/sqs'
import type { StandIn } from '../../lib/local/stand-in'
import { type ConnectionsServer, startConnectionsServer } from '../publisher/support/connections-server'
import { captureLogOfEach } from '../support/captured-log'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { until } from '../support/until'
import { closedStage, httpQuery, requestContext } from './support/closed-stage'

/**
 * The handlers of a closed stage whose token issuer is unreachable. Regression: they answered 500, and clients did not
 * reconnect.
 */
let table: ClientsTable
let gateway: ConnectionsServer
let sqs: StandIn
const closings: string[] = []
let connect: typeof import('../../lib/handlers/connect').handler
let receive: ReturnType<typeof receiveMessages>
let graphql: ReturnType<typeof graphqlOverHttp>
const logged = captureLogOfEach()
const outside = process.env
const nowhere = 'http://127.0.0.1:1'

beforeAll(async () => {
  table = await startClientsTable()
  gateway = await startConnectionsServer()
  sqs = await startSqs({ port: 0, secondMs: 0, onMessage: (body) => closings.push(body) })
  process.env = {
    ...outside,
    ...closedStage(table, gateway),
    CLOSINGS_URL: `${sqs.endpoint}/000000000000/closings`,
    TOKEN_ISSUER: nowhere,
    TOKEN_AUDIENCE: 'chat',
  }
  receive = receiveMessages(api)
  graphql = graphqlOverHttp(api)
  ;({ handler: connect } = await import('../../lib/handlers/connect'))
})

afterAll(async () => {
  process.env = outside
  await Promise.all([table.close(), gateway.close(), sqs.close()])
})

const token = 'a.good.token'
const say = (connectionId: string, message: unknown): Promise<RouteResponse> =>
  receive({ body: JSON.stringify(message), requestContext: requestContext(connectionId) })

const post = (): Promise<HttpResponse> => graphql(httpQuery('{ hello }', token))

const tryAgain = 'Tokens cannot be checked at the moment: try again in a few seconds.'

it('an HTTP request is answered with 503 and Retry-After', async () => {
  const { statusCode, headers, body = '' } = await post()
  expect([statusCode, headers['retry-after']]).toEqual([503, '5'])
  expect(JSON.parse(body)).toEqual({ errors: [{ message: tryAgain, extensions: { code: 'SERVICE_UNAVAILABLE' } }] })
})

it.each([
  ['graphql-ws', { statusCode: 503 }],
  // Its library would give up at a 503, so it is asked to reconnect when it sends connection_init.
  ['graphql-transport-ws', { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'graphql-transport-ws' } }],
])('$connect with a token is answered so that %s retries, and registers nothing', async (subprotocol, answer) => {
  const headers = { Authorization: `Bearer ${token}`, 'Sec-WebSocket-Protocol': subprotocol }
  const connectionId = `asked by ${subprotocol}`
  expect(await connect({ headers, requestContext: requestContext(connectionId) })).toEqual(answer)
  expect(await table.items()).not.toContainEqual(expect.objectContaining({ connectionId }))
})

it('connection_init schedules a delayed close if $connect had the token', async () => {
  const connectionId = 'asked by graphql-transport-ws'
  expect(await say(connectionId, { type: 'connection_init' })).toEqual({ statusCode: 200 })
  await until(
    () => Promise.resolve(closings),
    (bodies) => bodies.includes(JSON.stringify({ connectionId })),
  )
})

describe('connection_init with a token', () => {
  const hello = { type: 'connection_init', payload: { authToken: token } }

  it.each([
    ['graphql-ws', [{ type: 'connection_error', id: null, payload: { message: tryAgain } }], false],
    ['graphql-transport-ws', [], true],
    [undefined, [], true],
  ])('ends the connection without acknowledging it: %s', async (subprotocol, told, isDelayed) => {
    const connectionId = String(subprotocol)
    const headers = subprotocol === undefined ? {} : { 'Sec-WebSocket-Protocol': subprotocol }
    await connect({ headers, requestContext: requestContext(connectionId) })
    const registered = await table.items()
    expect(await say(connectionId, hello)).toEqual({ statusCode: 200 })
    const calls = gateway.posts.filter((each) => each.connectionId === connectionId).map(({ body }) => body)
    const frames = calls.filter((body) => body !== '')
    expect(frames.map((frame) => JSON.parse(frame) as unknown)).toEqual(told)
    expect(calls.includes('')).toBe(!isDelayed) // a DELETE, which has no body
    expect(closings.includes(JSON.stringify({ connectionId }))).toBe(isDelayed)
    expect(await table.items()).toEqual(registered)
  })

  it('does not admit a later operation', async () => {
    expect(await say('graphql-transport-ws', { id: '1', type: 'subscribe', payload: { query: '{ hello }' } })).toEqual({
      statusCode: 200,
    })
    const answer = await say('undefined', { query: '{ hello }' })
    expect(JSON.parse(answer.body ?? '')).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  })
})

it('the log and a metric report the unreachable issuer, without the token', async () => {
  await post()
  const lines = logged.join('')
  expect(lines).toContain('Tokens cannot be checked.')
  expect(lines).toContain('"IssuerUnreachable":1')
  expect(lines).not.toContain(token)
})
