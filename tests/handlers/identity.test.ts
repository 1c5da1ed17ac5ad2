import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { defineApi } from '../../lib/api/define-api'
import { type ConnectionsServer, startConnectionsServer } from '../publisher/support/connections-server'
import { captureLogOfEach } from '../support/captured-log'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { type Issuer, startIssuer } from '../support/issuer'
import { closedStage, httpQuery, requestContext } from './support/closed-stage'

/** The handlers of an application that keeps a claim of its own, as Lambda loads them. */
let table: ClientsTable
let gateway: ConnectionsServer
let issuer: Issuer
let connect: ReturnType<typeof import('../../lib/handlers/accept-connections').acceptConnections>
let receive: ReturnType<typeof import('../../lib/handlers/receive-messages').receiveMessages>
let graphql: ReturnType<typeof import('../../lib/handlers/graphql-over-http').graphqlOverHttp>
const logged = captureLogOfEach()
const outside = process.env
const query = '{ role }'
const courier = { data: { role: 'courier' } }

const api = defineApi<{ readonly role: unknown }>({
  typeDefs: 'type Query { role: String }',
  resolvers: { Query: { role: (_root, _args, { role }) => role } },
  context: ({ identity }) => ({ role: identity?.claims['role'] }),
  identity: ({ role }) => (typeof role === 'string' ? { role } : {}),
})

beforeAll(async () => {
  table = await startClientsTable()
  gateway = await startConnectionsServer()
  issuer = await startIssuer()
  process.env = {
    ...outside,
    ...closedStage(table, gateway),
    CLOSINGS_URL: 'http://127.0.0.1:1/closings',
    TOKEN_ISSUER: issuer.endpoint,
    TOKEN_AUDIENCE: issuer.audience,
  }
  const { acceptConnections } = await import('../../lib/handlers/accept-connections')
  const { receiveMessages } = await import('../../lib/handlers/receive-messages')
  const { graphqlOverHttp } = await import('../../lib/handlers/graphql-over-http')
  connect = acceptConnections(api)
  receive = receiveMessages(api)
  graphql = graphqlOverHttp(api)
})

afterAll(async () => {
  process.env = outside
  await Promise.all([table.close(), gateway.close(), issuer.close()])
})

it('a claim that the application keeps reaches its resolvers from a token at $connect', async () => {
  const headers = { Authorization: `Bearer ${await issuer.token({ role: 'courier' })}` }
  expect(await connect({ headers, requestContext: requestContext('at-connect') })).toEqual({ statusCode: 200 })
  expect(await say('at-connect', { query })).toEqual(courier)
})

it('a claim that the application keeps reaches its resolvers from a token at connection_init', async () => {
  await connect({ requestContext: requestContext('with-init') })
  const authToken = await issuer.token({ role: 'courier' })
  expect(await say('with-init', { type: 'connection_init', payload: { authToken } })).toEqual({
    type: 'connection_ack',
  })
  expect(await say('with-init', { query })).toEqual(courier)
})

it('a claim that the application keeps reaches its resolvers over HTTP', async () => {
  const { body = '' } = await graphql(httpQuery(query, await issuer.token({ role: 'courier' })))
  expect(JSON.parse(body)).toEqual(courier)
})

it('a refused token is logged with the connection, or over HTTP with the request', async () => {
  await connect({ requestContext: requestContext('refused') })
  const payload = { authToken: 'a.b.c' }
  await receive({
    body: JSON.stringify({ type: 'connection_init', payload }),
    requestContext: requestContext('refused'),
  })
  expect(logged.join()).toMatch(/A token was refused.*"connectionId":"refused"/)
  const { requestContext: requested } = httpQuery(query, 'a.b.c')
  expect(await graphql(httpQuery(query, 'a.b.c'))).toMatchObject({ statusCode: 401 })
  expect(logged.join()).toContain(`"requestId":"${requested.requestId}"`)
  expect(logged.join()).not.toContain('a.b.c')
})

it('a claim of a type that cannot be stored is reported in the log', async () => {
  const { receiveMessages } = await import('../../lib/handlers/receive-messages')
  const wrong = { ...api, identity: ({ roles }: Readonly<Record<string, unknown>>) => ({ roles: roles as string }) }
  await connect({ requestContext: requestContext('wrong') })
  const payload = { authToken: await issuer.token({ roles: ['courier'] }) }
  const body = JSON.stringify({ type: 'connection_init', payload })
  await receiveMessages(wrong)({ body, requestContext: requestContext('wrong') })
  expect(logged.join('')).toContain('Expected \\"identity\\" to return \\"roles\\" as a string')
})

async function say(connectionId: string, message: unknown): Promise<unknown> {
  const { body = '' } = await receive({ body: JSON.stringify(message), requestContext: requestContext(connectionId) })
  return JSON.parse(body)
}
