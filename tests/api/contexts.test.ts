import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { GraphQLError } from 'graphql'
import { channel, defineApi, type EventDetails, type Request } from '../../lib'
import { type ServedApi, serveApi } from '../support/served-api'

const orders = channel<string>('order', { log: true })
const couriers = channel<string>('courier', { log: false })

interface EventContext {
  readonly of: EventDetails
}

/** What event resolvers received, in order. */
let given: { readonly id: string; readonly data: string; readonly context: EventContext }[]
/** Creates the context of an operation. Each test sets it. */
let makeContext: (request: Request) => Request | Promise<Request>

const api = defineApi<Request, EventContext>({
  typeDefs: `
    type Query { members: [String!]! order: Order! }
    type Subscription { order(key: ID!, after: Int): Order! position(key: ID!): Order! state(key: ID!): Order! }
    type Order { members: [String!]! }`,
  context: (request) => makeContext(request),
  eventContext: (event) => {
    if (event.id.startsWith('bad')) throw new Error(`No context for ${event.id}.`)
    return { of: event }
  },
  resolvers: {
    Query: {
      members: (_root, _args, context) => Object.keys(context).toSorted(),
      order: () => ({}),
    },
    Subscription: {
      order: orders.field({
        subscribe: ({ key, after }: { key: string; after?: number }) => ({ keys: key, after }),
        resolve: note,
      }),
      position: couriers.field({ subscribe: ({ key }: { key: string }) => key, resolve: note }),
      state: orders.field({ subscribe: ({ key }: { key: string }) => key, initial: () => 'state', resolve: note }),
    },
  },
  types: { Order: { members: (_order, _args, context) => Object.keys(context).toSorted() } },
})

function note({ id, data }: { readonly id: string; readonly data: string }, context: EventContext): object {
  given.push({ id, data, context })
  return {}
}

let served: ServedApi
let tests = 0
let connectionId: string
let key: string

beforeAll(async () => {
  served = await serveApi(api)
})
afterAll(() => served.close())
beforeEach(async () => {
  given = []
  makeContext = (request) => request
  connectionId = `c${++tests}`
  key = `k${tests}`
  await served.connect(connectionId)
})

const event = (channelName: string) => ({ channel: channelName, keys: key, data: 'event', id: `of ${key}` })

describe('resolvers of queries', () => {
  const members = { data: { members: ['identity', 'publish', 'read'] } }

  it('receive the context that the API makes of the request, over HTTP and over the WebSocket', async () => {
    expect(await served.run('{ members }')).toEqual(members)
    expect(await served.say(connectionId, { query: '{ members }' })).toEqual(members)
  })

  it('are not called if making the context throws a GraphQLError, which the client receives', async () => {
    makeContext = () => Promise.reject(new GraphQLError('Not at night.', { extensions: { code: 'CLOSED' } }))
    const told = { errors: [{ message: 'Not at night.', extensions: { code: 'CLOSED' } }] }
    expect(await served.run('{ members }')).toEqual(told)
    expect(await served.say(connectionId, { query: '{ members }' })).toEqual(told)
  })

  it('are not called if making the context fails otherwise, and the client receives a reference', async () => {
    makeContext = () => {
      throw new Error('connect ECONNREFUSED tables.internal:8000')
    }
    const told = {
      errors: [
        { message: expect.stringContaining('Internal server error. Reference: '), extensions: expect.anything() },
      ],
    }
    expect(await served.run('{ members }')).toEqual(told)
    expect(await served.say(connectionId, { query: '{ members }' })).toEqual(told)
    expect(served.log.join('')).toContain('tables.internal')
  })
})

describe('resolvers of events', () => {
  const frame = (field: string) => ({ data: { [field]: { members: ['of'] } } })

  it('receive the same context for an event in a delivery and in a replay', async () => {
    await served.say(connectionId, { query: `subscription { order(key: "${key}") { members } }` })
    await served.publish(event('order'))
    const later = `${connectionId} later`
    await served.connect(later)
    await served.say(later, { query: `subscription { order(key: "${key}", after: 0) { members } }` })
    expect(await served.frames(connectionId, 1)).toEqual([frame('order')])
    expect(await served.frames(later, 1)).toEqual([frame('order')])
    const [delivered, replayed] = given
    expect(delivered).toEqual({
      id: `of ${key}`,
      data: 'event',
      context: { of: { id: `of ${key}`, sequence: 1, publishedAt: expect.any(Date) } },
    })
    expect(replayed).toEqual(delivered)
  })

  it('are not called if making the context fails, and subscribers receive a reference once', async () => {
    await served.say(connectionId, { query: `subscription { order(key: "${key}") { members } }` })
    await served.publish({ ...event('order'), id: `bad ${key}` })
    await served.publish(event('order'))
    const told = {
      message: expect.stringContaining('Internal server error. Reference: '),
      extensions: expect.anything(),
    }
    expect(served.posted(connectionId)).toEqual([{ errors: [told] }, frame('order')])
    expect(served.log.join('')).toContain(`No context for bad ${key}.`)
  })

  it('receive no sequence number on a channel without a log', async () => {
    await served.say(connectionId, { query: `subscription { position(key: "${key}") { members } }` })
    await served.publish(event('courier'))
    expect(given).toEqual([
      { id: `of ${key}`, data: 'event', context: { of: { id: `of ${key}`, publishedAt: expect.any(Date) } } },
    ])
  })

  it('receive a context for an initial state too, with an id of its own', async () => {
    await served.publish(event('order'))
    await served.say(connectionId, { query: `subscription { state(key: "${key}") { members } }` })
    expect(await served.frames(connectionId, 1)).toEqual([frame('state')])
    const [state] = given
    expect(state).toEqual({
      id: expect.not.stringContaining(key),
      data: 'state',
      context: { of: { id: state?.id, sequence: 1, publishedAt: expect.any(Date) } },
    })
  })
})
