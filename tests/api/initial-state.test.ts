import { DynamoDBClient, DeleteItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { GraphQLError } from 'graphql'
import { channel, defineApi } from '../../lib'
import { accept, answering } from '../publisher/support/connections-server'
import { type ServedApi, serveApi } from '../support/served-api'
import { until } from '../support/until'

const orders = channel<string>('order', { log: true })

/** Reads the order's state from the application's table. Each test sets it. */
let readState: () => string | Promise<string>
let reads = 0

const api = defineApi({
  typeDefs: `
    type Query { a: Int }
    type Subscription { order(orderId: ID!, after: Int): String }`,
  context: () => ({}),
  resolvers: {
    Subscription: {
      order: orders.field({
        subscribe: ({ orderId, after }: { orderId: string; after?: number | null }) => ({ keys: orderId, after }),
        initial: () => {
          reads++
          return readState()
        },
        resolve: ({ data, sequence }) => `${sequence} ${data}`,
      }),
    },
  },
})

let served: ServedApi
let dynamoDb: DynamoDBClient
let tests = 0
let orderId: string
let connectionId: string

beforeAll(async () => {
  served = await serveApi(api)
  dynamoDb = new DynamoDBClient({
    endpoint: served.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
})
afterAll(async () => {
  dynamoDb.destroy()
  await served.close()
})

beforeEach(() => {
  orderId = `o-${++tests}`
  connectionId = `connection ${tests}`
  reads = 0
})
afterEach(() => {
  served.gateway.behaviour = accept
  expect(served.failures).toEqual([])
})

/** Publishes states one by one. Resolves when all are logged and delivered. */
async function publish(...states: readonly string[]): Promise<void> {
  for (const data of states) {
    expect(await served.publish({ channel: 'order', keys: orderId, data })).toEqual({ refused: [] })
  }
}

/** Connects, with a session if there is a `clientId`, and subscribes. @returns the response to `start` */
async function subscribe({ clientId, after }: { readonly clientId?: string; readonly after?: number } = {}) {
  await served.connect(connectionId, 'graphql-ws')
  await initialise(clientId)
  return start(after)
}

const initialise = (clientId: string | undefined) =>
  served.say(connectionId, { type: 'connection_init', payload: clientId === undefined ? {} : { clientId } })

const start = (after?: number) => {
  const query = `subscription { order(orderId: "${orderId}"${after === undefined ? '' : `, after: ${after}`}) }`
  return served.say(connectionId, { id: '1', type: 'start', payload: { query } })
}

const dataOf = (frame: unknown) => (frame as { payload: { data: { order: string } } }).payload.data.order

/** Resolves with the data received, once there are at least `count` frames. */
const come = async (count: number) => (await served.frames(connectionId, count)).map(dataOf)

async function itemsOf(connection: string) {
  const { Items = [] } = await dynamoDb.send(
    new QueryCommand({
      TableName: served.tables.clients,
      KeyConditionExpression: 'connectionId = :connectionId',
      ExpressionAttributeValues: { ':connectionId': { S: connection } },
    }),
  )
  return Items
}

/** Resolves when the subscription has a topic, which it lacks while it is held for a replay. */
const untilReleased = () =>
  until(
    () => itemsOf(connectionId),
    (items) => items.some(({ id, topic, replaying }) => id?.S === 'subscription#1' && topic && !replaying),
  )

describe('a field with an initial state', () => {
  it('sends the state first, with the number of the latest event, and then later events', async () => {
    await publish('A', 'B')
    readState = () => 'state B'
    expect(await subscribe()).toBeUndefined()
    await untilReleased()
    await publish('C', 'D')
    expect(await come(3)).toEqual(['2 state B', '3 C', '4 D'])
  })

  it('sends the state with the number 0 if nothing was published yet', async () => {
    readState = () => 'new'
    await subscribe()
    await untilReleased()
    await publish('A')
    expect(await come(2)).toEqual(['0 new', '1 A'])
  })

  it('sends events that are published while the state is read, after the state', async () => {
    await publish('A')
    readState = async () => {
      await publish('B', 'C')
      return 'state C'
    }
    await subscribe()
    expect(await come(3)).toEqual(['1 state C', '2 B', '3 C'])
  })

  it('sends events that are published while the state is posted, in order after the state', async () => {
    await publish('A')
    readState = () => 'state A'
    served.gateway.behaviour = (post, response) => {
      if (post.connectionId !== connectionId) {
        accept(post, response) // late, from the test before
        return
      }
      served.gateway.behaviour = accept
      void publish('B', 'C').then(() => {
        accept(post, response)
      })
    }
    await subscribe()
    expect(await come(3)).toEqual(['1 state A', '2 B', '3 C'])
    await untilReleased()
    await publish('D')
    expect(await come(4)).toEqual(['1 state A', '2 B', '3 C', '4 D'])
  })
})

describe('a subscription with a position to a field with an initial state', () => {
  it.each([
    ['after event 1', 1, ['2 B', '3 C']],
    ['at the beginning of the log', 0, ['1 A', '2 B', '3 C']],
  ])('receives the events that follow instead of the state, if it starts %s', async (_what, after, expected) => {
    await publish('A', 'B', 'C')
    await subscribe({ after })
    expect(await come(expected.length)).toEqual(expected)
    expect(reads).toBe(0)
  })

  it('receives only later events if its position is the latest event', async () => {
    await publish('A')
    await subscribe({ after: 1 })
    await untilReleased()
    await publish('B')
    expect(await come(1)).toEqual(['2 B'])
    expect(reads).toBe(0)
  })

  it('receives the state if the log no longer has all events after its position', async () => {
    await publish('A', 'B', 'C')
    for (const sequence of [1, 2]) {
      const Key = { topic: { S: `order#${orderId}` }, sequence: { N: String(sequence) } }
      await dynamoDb.send(new DeleteItemCommand({ TableName: served.tables.messages, Key }))
    }
    readState = () => 'state C'
    await subscribe({ after: 1 })
    await untilReleased()
    await publish('D')
    expect(await come(2)).toEqual(['3 state C', '4 D'])
  })
})

describe('an initial state that cannot be read', () => {
  const unavailable = new GraphQLError('The orders are being moved.', { extensions: { code: 'UNAVAILABLE' } })

  it.each<readonly [string, Error, object]>([
    [
      'the message of a GraphQLError',
      unavailable,
      { message: 'The orders are being moved.', extensions: { code: 'UNAVAILABLE' } },
    ],
    [
      'a reference in place of any other error',
      new Error('connect ECONNREFUSED tables.internal:8000'),
      {
        message: expect.stringContaining('Internal server error. Reference: '),
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    ],
  ])('ends the subscription with %s, and stores nothing', async (_how, error, told) => {
    await publish('A')
    readState = () => Promise.reject(error)
    expect(await subscribe({ clientId: connectionId })).toEqual({ type: 'complete', id: '1', payload: null })
    expect(served.posted(connectionId)).toMatchObject([{ type: 'data', id: '1', payload: { errors: [told] } }])
    expect((await itemsOf(connectionId)).map(({ id }) => id?.S)).toEqual(['client'])
    await publish('B')
    expect(served.posted(connectionId)).toHaveLength(1)
  })
})

// Regression: SNS rejected the replay request, and the client received an internal server error.
it('refuses a subscription whose initial state is too large for a message, and stores nothing', async () => {
  readState = () => 'x'.repeat(300_000)
  expect(await subscribe({ clientId: connectionId })).toEqual({ type: 'complete', id: '1', payload: null })
  const message = 'The result is 300023 bytes, but a message may be at most 122880: select less.'
  const errors = [{ message, extensions: { code: 'LIMIT_EXCEEDED' } }]
  expect(served.posted(connectionId)).toEqual([{ type: 'data', id: '1', payload: { errors } }])
  expect((await itemsOf(connectionId)).map(({ id }) => id?.S)).toEqual(['client'])
})

describe('a client that reconnects', () => {
  /** Ends the connection, and reconnects the client on another one. */
  async function comeBack(): Promise<void> {
    const clientId = connectionId
    await served.disconnect(connectionId)
    connectionId = `${connectionId} again`
    await subscribe({ clientId })
  }

  it('receives the events that it missed, and not the state again', async () => {
    await publish('A')
    readState = () => 'state A'
    await subscribe({ clientId: connectionId })
    await untilReleased()
    await served.disconnect(connectionId)
    await publish('B', 'C')
    await comeBack()
    // Events that were published shortly before the end (`seamMs`) are repeated.
    await until(
      () => Promise.resolve(served.posted(connectionId).map(dataOf)),
      (heard) => heard.includes('2 B') && heard.includes('3 C'),
    )
    expect(reads).toBe(1)
    expect(served.posted(connectionId).map(dataOf)).not.toContain('1 state A')
  })

  // Regression: the client received the state, and then the events that had led to it: 3 state C, 2 B, 3 C.
  it('receives missed events, and not the state, even if its start overtakes its connection_init', async () => {
    const clientId = connectionId
    await publish('A')
    readState = () => 'state A'
    await subscribe({ clientId })
    await untilReleased()
    await served.disconnect(connectionId)
    await publish('B', 'C')
    connectionId = `${connectionId} again`
    await served.connect(connectionId, 'graphql-ws')
    served.calls.length = 0
    const starting = start()
    await until(
      () => Promise.resolve(served.calls),
      (calls) => calls.some((call) => call === 'dynamodb:Query on clients'),
    )
    await initialise(clientId)
    await starting
    await until(
      () => Promise.resolve(served.posted(connectionId).map(dataOf)),
      (heard) => heard.includes('2 B') && heard.includes('3 C'),
    )
    expect(reads).toBe(1)
  })

  it('receives the current state if its connection was closed before the first state was posted', async () => {
    await publish('A')
    readState = () => 'state A'
    served.gateway.behaviour = answering(410)
    await subscribe({ clientId: connectionId })
    await until(
      () => itemsOf(connectionId),
      (items) => items.length === 0,
    )
    served.gateway.behaviour = accept
    await publish('B')
    readState = () => 'state B'
    await comeBack()
    expect(await come(1)).toEqual(['2 state B'])
    expect(reads).toBe(2)
  })

  it('receives the current state if it disconnected while the first state was being posted', async () => {
    await publish('A')
    readState = () => 'state A'
    const own = connectionId
    const posting = new Promise<() => void>((resolve) => {
      served.gateway.behaviour = (post, response) => {
        if (post.connectionId !== own) {
          accept(post, response) // late, from the test before
          return
        }
        resolve(() => {
          answering(410)(post, response)
        })
      }
    })
    await subscribe({ clientId: connectionId })
    const fail = await posting
    await served.disconnect(connectionId)
    served.gateway.behaviour = accept
    fail()
    await publish('B')
    readState = () => 'state B'
    await comeBack()
    expect(await come(1)).toEqual(['2 state B'])
  })
})
