import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { textOf } from '../../lib/aws/attribute-values'
import { createDynamoDb } from '../../lib/aws/dynamodb'
import { awsServices } from '../../lib/aws/services'
import { where } from '../../lib/aws/expression'
import { createTable, type Table } from '../../lib/aws/table'
import { anyTagTopic, channelTopic, taggedTopic } from '../../lib/channels/topic'
import { createClients } from '../../lib/clients/clients'
import { roomKey } from '../../lib/clients/keys'
import { createSessions, sessionName } from '../../lib/clients/sessions'
import type { OperationHash, Subscriber } from '../../lib/clients/subscriber'
import { sqsEvent } from '../../lib/local/sqs'
import type { OperationId } from '../../lib/operations/request'
import { newSubscription } from '../support/subscribed-client'
import {
  getArn,
  logicalName,
  type RecordedStage,
  snsEvent,
  startRecordedStage,
  statuses,
} from '../support/recorded-stage'

/**
 * Runs the core's functions with the fixture API through everything they do, each with an access key of its own, and
 * records their calls. A call without a grant makes a test fail, and so does a grant without a call. An application's
 * grants are in policies of its own.
 */
const functions = [
  'connect',
  'default',
  'disconnect',
  'graphql',
  'publish',
  'endUser',
  'keepAlive',
  'closeConnections',
] as const

/** The queue that triggers a function. */
const queueOf: Readonly<Record<string, string>> = { closeConnections: 'Closings', publish: 'RoomChanges' }

let stage: RecordedStage

beforeAll(async () => {
  stage = await startRecordedStage()
  await walkThrough()
})

afterAll(() => stage.close())

describe.each(functions)('the function %s', (name) => {
  it('is granted exactly the calls that its code makes', () => {
    expect(stage.granted(name)).toEqual(stage.calls(name))
  })

  it('lets Lambda write its log and traces and receive from its queue, if it has one', () => {
    expect(stage.statements(name, 'platform')).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: getArn(`${logicalName(name)}LogGroup`),
      },
      { Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
      ...[queueOf[name] ?? []].flat().map((queue) => ({
        Effect: 'Allow',
        Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        Resource: getArn(queue),
      })),
    ])
  })
})

it('each function has its own role', () => {
  expect(new Set(functions.map(stage.roleOf)).size).toBe(functions.length)
})

it('EventsPolicy allows publishing events and nothing else, and the stack outputs it', () => {
  expect(stage.grantedBy('EventsPolicy')).toEqual([`sns:Publish on ${stage.physicalName('MessagesTopic')}`])
  expect(stage.template.Outputs['EventsPolicyArn']?.Value).toEqual({ Ref: 'EventsPolicy' })
  expect(stage.template.Outputs['EventsTopicArn']?.Value).toEqual({ Ref: 'MessagesTopic' })
})

/** The handlers of the fixture API, each loaded as in a Lambda of its own. */
async function loadFunctions() {
  const { load } = stage
  return {
    connect: await load('connect', () => import('../../lib/handlers/connect')),
    disconnect: await load('disconnect', () => import('../../lib/handlers/disconnect')),
    keepAlive: await load('keepAlive', () => import('../../lib/handlers/keep-alive')),
    endUser: await load('endUser', () => import('../../lib/handlers/end-user')),
    closeConnections: await load('closeConnections', () => import('../../lib/handlers/close-connections')),
    receive: await load('default', async () => {
      return { handler: (await import('../../lib')).receiveMessages((await import('../fixture/api')).api) }
    }),
    graphql: await load('graphql', async () => {
      return { handler: (await import('../../lib')).graphqlOverHttp((await import('../fixture/api')).api) }
    }),
    publish: await load('publish', async () => {
      return { handler: (await import('../../lib')).publishEvents((await import('../fixture/api')).api) }
    }),
  }
}

type Functions = Awaited<ReturnType<typeof loadFunctions>>

/** Sends every kind of message, and reaches every branch that makes another AWS call. */
async function walkThrough(): Promise<void> {
  const loaded = await loadFunctions()
  const { graphql, publish } = loaded
  const { connect, disconnect, say } = client(loaded)

  const start = (id: string, query: string) => ({ id, type: 'start', payload: { query } })
  for (const connectionId of ['here', ...Object.keys(statuses)]) {
    await connect(connectionId)
    await say(connectionId, { type: 'connection_init' })
    await say(connectionId, start('1', 'subscription { text(board: "a") }'))
    await say(connectionId, start('2', 'subscription { notes(board: "a", tags: ["x", "y"]) { text } }'))
    await say(connectionId, { id: '2', type: 'stop' }) // an item for each tag
    await say(connectionId, { id: '3', type: 'stop' }) // a subscription that does not exist
    await say(connectionId, start('room', 'subscription { guests(board: "a", name: "Ann") { count } }'))
    await say(connectionId, start('4', 'mutation { post(board: "a", text: "Hello") }'))
    await say(connectionId, start('5', '{ notes(board: "a") { text } }'))
    await say(connectionId, 'neither of the protocols')
  }
  await comeBack(loaded)
  await storeExpired('late')
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const post = {
    rawPath: '/graphql',
    rawQueryString: '',
    requestContext: { requestId: 'query', http: { method: 'POST' } },
    headers,
  }
  for (const query of ['mutation { post(board: "a", text: "Hello") }', '{ notes(board: "a") { text } }']) {
    await stage.as('graphql', () => graphql.handler({ ...post, body: JSON.stringify({ query }) }))
  }

  const deliver = (message: unknown, ms = 60_000) =>
    stage.as('publish', () => publish.handler(snsEvent(message), invocation(ms)))
  const event = { channel: 'board', keys: ['a'], tags: ['x'], id: 'e', data: { text: 'Hello' } }
  await deliver(event)
  await deliver({ ...event, id: 'f', tags: [] }, 0) // no time: hands on everything
  await deliver({ ...event, channel: 'nowhere' }) // is refused
  for (const replay of await storedSubscriptions('back')) {
    await deliver({ replay, receivedAtMs: 0, session: sessionName('c', undefined) })
  }
  await stopWhileReplaying(loaded, deliver)
  const change = { topic: channelTopic('guests', 'a'), atMs: Date.now() }
  await stage.as('publish', () => publish.handler(sqsEvent(JSON.stringify(change)), invocation(60_000)))
  await askForManyGuests(graphql)

  await keepTwiceAlive(loaded)
  await say('never registered', { type: 'connection_init' })
  await stage.as('closeConnections', () =>
    loaded.closeConnections.handler({ Records: [{ messageId: 'm', body: '{"connectionId":"never registered"}' }] }),
  )
  await say('here', { type: 'connection_terminate' })
  await storeExpired('later')
  expect(await stage.as('endUser', () => loaded.endUser.handler({ user: 'alice' }))).toEqual({ ended: 1 })
  await disconnect('here')
}

function client({ connect, receive, disconnect }: Functions) {
  return {
    connect: (id: string) => stage.as('connect', () => connect.handler({ requestContext: contextOf(id) })),
    disconnect: (id: string) => stage.as('disconnect', () => disconnect.handler({ requestContext: contextOf(id) })),
    say: (id: string, message: unknown) =>
      stage.as('default', () => receive.handler({ body: JSON.stringify(message), requestContext: contextOf(id) })),
  }
}

/** A client that is disconnected twice before its first replay is complete, and reconnects for it. */
async function comeBack(loaded: Functions): Promise<void> {
  const { connect, disconnect, say } = client(loaded)
  const query = 'subscription { notes(board: "a", tags: ["x", "y"], after: 0) { text } }'
  for (const connectionId of ['once', 'twice', 'back']) {
    await connect(connectionId)
    await say(connectionId, { type: 'connection_init', payload: { clientId: 'c' } })
    await say(connectionId, { id: '1', type: 'start', payload: { query } })
    if (connectionId !== 'back') await disconnect(connectionId)
  }
}

/**
 * A client that stops its subscription during its replay, so that the index entries of the replay are deleted again.
 */
async function stopWhileReplaying(loaded: Functions, deliver: (task: unknown) => Promise<unknown>): Promise<void> {
  const { connect, say } = client(loaded)
  await connect('stopping')
  await say('stopping', { type: 'connection_init' })
  const query = 'subscription { notes(board: "empty", tags: ["x", "y"], after: 0) { text } }'
  await say('stopping', { id: '1', type: 'start', payload: { query } })
  const [replay] = await storedSubscriptions('stopping')
  if (!replay) throw new Error('The subscription is not stored.')
  await stage.as('default', async () => {
    const { cursors } = createSessions({
      table: clientsTable(),
      ttlSeconds: 60,
      reachSeconds: 60,
      announce: () => Promise.resolve(),
    })
    const subscription = { ...replay, beganAtMs: 0 }
    await cursors.begin('stopping', subscription, () => ({ after: 0, initialDue: true }))
  })
  stage.onConnection = async () => {
    stage.onConnection = undefined
    await stage.as('default', () => say('stopping', { id: '1', type: 'stop' }))
  }
  await deliver({ replay, receivedAtMs: 0, first: { data: null } })
}

/**
 * Runs keepAlive for connections of which one is gone (410) and one refused (403). The session of the gone one has a
 * cursor already, from an earlier connection.
 */
async function keepTwiceAlive(loaded: Functions): Promise<void> {
  const { connect, disconnect, say } = client(loaded)
  const beginMs = Date.now()
  await connect('refused')
  for (const connectionId of ['kept', 'gone']) {
    await connect(connectionId)
    await say(connectionId, { type: 'connection_init', payload: { clientId: 'kept' } })
    await say(connectionId, { id: '1', type: 'start', payload: { query: 'subscription { text(board: "b") }' } })
    await say(connectionId, {
      id: '2',
      type: 'start',
      payload: { query: 'subscription { guests(board: "b", name: "Ben") { count } }' },
    })
    if (connectionId === 'kept') await disconnect(connectionId)
  }
  // The next minute may have begun when the connections were registered.
  for (const timeMs of [beginMs, beginMs + 60_000]) {
    await stage.as('keepAlive', () => loaded.keepAlive.handler({ time: new Date(timeMs).toISOString() }))
  }
}

/** Reads a room with more members than its state lists (100). */
async function askForManyGuests({ handler }: Functions['graphql']): Promise<void> {
  const state = { ...roomKey(channelTopic('guests', 'many'), 'state'), readAtMs: 1, count: 101 }
  await stage.as('connect', () => clientsTable().put(state))
  const query = '{ guests(board: "many", first: 1) { members { name } } }'
  const headers = { 'content-type': 'application/json' }
  const request = {
    rawPath: '/graphql',
    rawQueryString: '',
    requestContext: { requestId: 'query', http: { method: 'POST' } },
    headers,
  }
  await stage.as('graphql', () => handler({ ...request, body: JSON.stringify({ query }) }))
}

/** The stored subscriptions of a connection, in the form of a replay task. */
async function storedSubscriptions(connectionId: string): Promise<readonly Subscriber[]> {
  return stage.as('endUser', async () => {
    const found: Subscriber[] = []
    const keys = where`connectionId = ${connectionId} AND begins_with(id, ${'subscription#'})`
    for await (const items of clientsTable().pages({ keys })) {
      for (const item of items) {
        found.push({
          connectionId,
          operationId: '1' as OperationId,
          operation: textOf(item, 'operation') as OperationHash,
        })
      }
    }
    return found
  })
}

function clientsTable(): Table {
  const dynamoDb = createDynamoDb(awsServices().at('dynamodb'))
  return createTable({ dynamoDb, tableName: stage.physicalName('ClientsTable') })
}

/** Stores a subscription with an expired token and enough topics for a batch, on a connection that endUser finds. */
async function storeExpired(connectionId: string): Promise<void> {
  await stage.as('connect', async () => {
    const clients = createClients({ table: clientsTable() })
    const identity = { subject: 'alice', groups: [], claims: {}, expiresAtSeconds: 1 }
    const callbackUrl = `${stage.endpoint}/dev`
    const common = { connectionId, callbackUrl, subprotocol: undefined, connectedAtMs: Date.now(), identity }
    await clients.register(common)
    const expired = { ...common, acknowledged: true, counted: undefined, ttl: 1 }
    const key = channelTopic('board', 'a')
    const topics = [key, anyTagTopic(key), taggedTopic(key, 'x')] as const
    await clients.subscribe(newSubscription({ client: expired, dialect: 'raw', topics }))
    const room = {
      client: expired,
      operationId: 'room',
      topics: [channelTopic('guests', 'a')] as const,
      log: undefined,
    }
    await clients.subscribe({ ...newSubscription(room), member: 'alice:{}' })
  })
}

function contextOf(connectionId: string) {
  return { connectionId, connectedAt: Date.now(), requestTimeEpoch: Date.now(), requestId: 'request' }
}

/** Lambda's context of an invocation with `ms` remaining. */
function invocation(ms: number) {
  return { awsRequestId: 'request', invokedFunctionArn: 'arn', getRemainingTimeInMillis: () => ms }
}
