import { createServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, it, jest } from '@jest/globals'
import { channel, defineApi, publishEvents } from '../../lib'
import { createDynamoDb, type DynamoDb } from '../../lib/aws/dynamodb'
import { createTable } from '../../lib/aws/table'
import { channelTopic } from '../../lib/channels/topic'
import { type Clients, createClients } from '../../lib/clients/clients'
import { createSessions } from '../../lib/clients/sessions'
import { muteNodeWarning } from '../../lib/local/environment'
import { listen, readBody, type StandIn } from '../../lib/local/stand-in'
import { api } from '../fixture/api'
import { type ConnectionsServer, startConnectionsServer } from '../publisher/support/connections-server'
import { captureLog } from '../support/captured-log'
import { createOwnTables } from '../support/own-tables'
import { connectClient, subscribeClient } from '../support/subscribed-client'

/** The handler as Lambda loads it, with tables, a queue of failed events, and an unreachable SNS. */
const nowhere = 'http://127.0.0.1:1'
let dynamoDb: DynamoDb
let clients: { readonly clients: Clients; readonly sessions: ReturnType<typeof createSessions> }
let gateway: ConnectionsServer
let queue: StandIn
let publish: ReturnType<typeof publishEvents>
const kept: unknown[] = []
const lines: string[] = []

beforeAll(async () => {
  process.env[muteNodeWarning] = 'true'
  const { endpoint, names } = await createOwnTables('ClientsTable', 'MessagesTable')
  gateway = await startConnectionsServer()
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  dynamoDb = createDynamoDb({ url: new URL(endpoint), region: 'local', credentials: () => credentials })
  const table = createTable({ dynamoDb, tableName: names.ClientsTable })
  clients = {
    clients: createClients({ table }),
    sessions: createSessions({ table, ttlSeconds: 86_400, reachSeconds: 600, announce: () => Promise.resolve() }),
  }
  const server = createServer((request, response) => {
    void readBody(request).then((text) => {
      const { MessageBody } = JSON.parse(text) as { MessageBody: string }
      kept.push(JSON.parse(MessageBody))
      response.end('{}')
    })
  })
  queue = await listen(server, 0)
  Object.assign(process.env, {
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_MAX_ATTEMPTS: '1',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_ENDPOINT_URL_SNS: nowhere,
    CLIENTS_TABLE: names.ClientsTable,
    MESSAGES_TABLE: names.MessagesTable,
    LEFTOVERS_TOPIC_ARN: 'arn:aws:sns:local:000000000000:leftovers',
    FAILED_EVENTS_URL: `${queue.endpoint}/failed`,
    CALLBACK_URL: nowhere,
  })
  captureLog(lines)
  publish = publishEvents(api)
})

afterAll(async () => {
  jest.restoreAllMocks()
  dynamoDb.close()
  await Promise.all([queue.close(), gateway.close()])
})

beforeEach(() => {
  kept.length = 0
})

/** Lambda's context of an invocation. Its retries differ only in the remaining time. */
const invocation = (ms: number) => {
  return { awsRequestId: 'request', invokedFunctionArn: 'arn', getRemainingTimeInMillis: () => ms }
}

it('dates a completion by its SNS timestamp, even if it is delivered later', async () => {
  const client = await connectClient(clients, { connectionId: 'late', callbackUrl: gateway.callbackUrl })
  const query = 'subscription { draft(board: "b") }'
  await subscribeClient(clients, { client, query, topics: [channelTopic('draft', 'b')], log: undefined })
  const complete = { channel: 'draft', keys: 'b', complete: true }
  const Timestamp = new Date(Date.now() - 60_000).toISOString()
  const record = { Sns: { MessageId: 'm', Message: JSON.stringify(complete), Timestamp } }
  expect(await publish({ Records: [record] }, invocation(60_000))).toEqual({ refused: [] })
  expect(gateway.posts).toEqual([])
  await publish(complete, { ...invocation(60_000), awsRequestId: 'direct' })
  expect(gateway.posts.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    { type: 'complete', id: '1', payload: null },
  ])
  await clients.clients.remove('late')
})

it('publishes only the newest of concurrent events of an ordered channel, within maxPerSecond', async () => {
  const positions = channel<number>('position', { log: false, ordered: 'latest', maxPerSecond: 1 })
  const position = positions.field({ subscribe: () => 'a' })
  const typeDefs = 'type Query { a: Int } type Subscription { position: Int }'
  const ordered = publishEvents(defineApi({ typeDefs, context: () => ({}), resolvers: { Subscription: { position } } }))
  const client = await connectClient(clients, { connectionId: 'map', callbackUrl: gateway.callbackUrl })
  const topics = [channelTopic('position', 'a')] as const
  await subscribeClient(clients, { client, query: 'subscription { position }', topics, log: undefined })
  const beganMs = Date.now()
  const publishAt = (data: number, second: number) => {
    const Timestamp = new Date(beganMs - 60_000 + second * 1_000).toISOString()
    const Sns = { MessageId: `m${data}`, Message: JSON.stringify(positions.event('a', data)), Timestamp }
    return ordered({ Records: [{ Sns }] }, invocation(60_000))
  }
  await publishAt(0, 10)
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((data) => publishAt(data, data === 8 ? 1 : 10 + data)))
  const mine = gateway.posts.filter(({ connectionId }) => connectionId === 'map')
  expect(mine.map(({ body }) => (JSON.parse(body) as { payload: { data: unknown } }).payload.data)).toEqual([
    { position: 0 },
    { position: 7 },
  ])
  expect(Date.now() - beganMs).toBeGreaterThanOrEqual(1_000)
})

// Regression: it was kept once for each attempt of the invocation.
it('keeps a refused event of a list once, even if Lambda retries the list', async () => {
  const client = await connectClient(clients, { connectionId: 'c', callbackUrl: gateway.callbackUrl })
  const query = 'subscription { draft(board: "a") }'
  await subscribeClient(clients, { client, query, topics: [channelTopic('draft', 'a')], log: undefined })
  const wrong = { channel: 'nowhere', keys: 'a', data: 'Hello' }
  const list = [wrong, { channel: 'draft', keys: 'a', data: 'Hello' }]
  await expect(publish(list, invocation(0))).rejects.toThrow('could not be handed on')
  const { refused } = await publish(list, invocation(60_000))
  expect(refused).toEqual([expect.stringContaining('got "nowhere"')])
  expect(kept).toMatchObject([{ requestPayload: wrong }])
  expect(gateway.posts.filter(({ connectionId }) => connectionId === 'c')).toHaveLength(1)
})

// Regression: these lines had the correlation id of the event that the process had published before.
it('logs a refused event and an unreadable room without the correlation id of an earlier event', async () => {
  const earlier = { channel: 'draft', keys: 'nobody', data: 'Hello', correlationId: 'of the earlier event' }
  const unreadable = { topic: channelTopic('guests', 'a'), id: '1', settledAtMs: 0 } // ROOM_CHANGES_URL is not set
  const failing = [
    [{ channel: 'nowhere', keys: 'a', data: 'Hello' }, 'An event was refused.'],
    [{ Records: [{ messageId: 'm', body: JSON.stringify(unreadable) }] }, 'A room could not be read.'],
  ] as const
  for (const [input, message] of failing) {
    await publish(earlier, invocation(60_000))
    lines.length = 0
    await publish(input, invocation(60_000))
    const logged = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    expect(logged).toEqual([expect.objectContaining({ message })])
    expect(logged[0]).not.toHaveProperty('correlation_id')
  }
})
