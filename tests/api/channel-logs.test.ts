import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { channel, defineApi, type Publish, type ReadLog } from '../../lib'
import { type ServedApi, serveApi } from '../support/served-api'
import { until } from '../support/until'

interface Order {
  readonly id: string
  readonly status: string
}

interface Context {
  readonly publish: Publish
  readonly read: ReadLog
}

const orders = channel<Order>('order', { log: true })
const restaurants = channel<Order>('restaurant', { log: true })

interface PageArgs {
  readonly key: string
  readonly after?: number | null
  readonly first: number
  readonly tags?: readonly string[] | null
}

interface SetStatusArgs {
  readonly orderId: string
  readonly restaurantId: string
  readonly status: string
}

/** A change of an order concerns its customer and its restaurant, so one mutation publishes to both channels. */
const api = defineApi<Context>({
  typeDefs: `
    type Query {
      shorter(orderId: ID!, restaurantId: ID!): Int!
      page(key: ID!, after: Int, first: Int! = 100, tags: [String]): [Entry!]!
    }
    type Mutation { setStatus(orderId: ID!, restaurantId: ID!, status: String!): Boolean }
    type Subscription {
      order(orderId: ID!, since: Int): String
      restaurant(restaurantId: ID!, status: String, after: Int): String
      ordersAfter(restaurantId: ID!, after: String!): String
    }
    type Entry { id: ID! sequence: Int! status: String! minutesAgo: Int! }`,
  context: ({ publish, read }) => ({ publish, read }),
  resolvers: {
    Query: {
      shorter: async (_root, { orderId, restaurantId }: { orderId: string; restaurantId: string }, { read }) => {
        const logs = [read(orders, orderId, { first: 100 }), read(restaurants, restaurantId, { first: 100 })]
        return Math.min(...(await Promise.all(logs)).map(({ length }) => length))
      },
      page: async (_root, { key, after, first, tags }: PageArgs, { read }) => {
        const page = await read(restaurants, key, { after: after ?? undefined, first, tags: tags ?? undefined })
        return page.map(({ id, sequence, publishedAt, data: { status } }) => {
          return { id, sequence, status, minutesAgo: Math.floor((Date.now() - publishedAt.getTime()) / 60_000) }
        })
      },
    },
    Mutation: {
      setStatus: async (_root, { orderId, restaurantId, status }: SetStatusArgs, { publish }) => {
        const order = { id: orderId, status }
        await publish(orders.event(orderId, order), restaurants.event(restaurantId, order, { tags: [status] }))
      },
    },
    Subscription: {
      order: orders.field({
        subscribe: ({ orderId, since }: { orderId: string; since?: number }) => ({ keys: orderId, after: since }),
        resolve: ({ data: { status }, sequence }) => `${sequence} ${status}`,
      }),
      restaurant: restaurants.field({
        subscribe: ({ restaurantId, status, after }: { restaurantId: string; status?: string; after?: number }) => ({
          keys: restaurantId,
          tags: status === undefined ? undefined : [status],
          after,
        }),
        resolve: ({ data: { status }, sequence }) => `${sequence} ${status}`,
      }),
      // Here `after` is an argument of the application. It does not select events.
      ordersAfter: restaurants.field({
        subscribe: ({ restaurantId }: { restaurantId: string; after: string }) => restaurantId,
        resolve: ({ data: { status } }) => status,
      }),
    },
  },
})

let served: ServedApi
let tests = 0
let orderId: string
let restaurantId: string

beforeAll(async () => {
  served = await serveApi(api)
})
afterAll(() => served.close())
beforeEach(() => {
  orderId = `o-${++tests}`
  restaurantId = `r-${tests}`
})

/** Publishes statuses. Each is in both logs before the next is published, because SNS does not keep the order. */
async function setStatuses(...statuses: readonly string[]): Promise<void> {
  for (const [n, status] of statuses.entries()) {
    await served.run(
      `mutation { setStatus(orderId: "${orderId}", restaurantId: "${restaurantId}", status: "${status}") }`,
    )
    await until(shorter, (length) => length === n + 1)
  }
}

/** The length of the shorter of the two logs. */
async function shorter(): Promise<number> {
  const result = await served.run(`{ shorter(orderId: "${orderId}", restaurantId: "${restaurantId}") }`)
  return (result as { data: { shorter: number } }).data.shorter
}

async function page(args = ''): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const result = await served.run(`{ page(key: "${restaurantId}"${args}) { id sequence status minutesAgo } }`)
  return (result as { data: { page: readonly Readonly<Record<string, unknown>>[] } }).data.page
}

/** Subscribes on a new connection. @returns the values received, once there are at least `count` */
async function subscribed(field: string, count: number): Promise<readonly unknown[]> {
  const connectionId = `c${++tests}`
  await served.connect(connectionId)
  await served.say(connectionId, { query: `subscription { is: ${field} }` })
  const frames = await served.frames(connectionId, count)
  return frames.map((frame) => (frame as { data: { is: unknown } }).data.is)
}

describe('the events of a mutation that publishes to two channels', () => {
  it('are replayed to a subscriber of either channel, from the log of that channel', async () => {
    await setStatuses('OPEN', 'COOKING', 'DONE')
    const all = ['1 OPEN', '2 COOKING', '3 DONE']
    expect(await subscribed(`order(orderId: "${orderId}", since: 0)`, 3)).toEqual(all)
    expect(await subscribed(`restaurant(restaurantId: "${restaurantId}", after: 0)`, 3)).toEqual(all)
    expect(await subscribed(`restaurant(restaurantId: "${restaurantId}", after: 2)`, 1)).toEqual(all.slice(2))
  })

  it('are replayed to a subscription with a tag only if they have that tag', async () => {
    await setStatuses('OPEN', 'COOKING', 'OPEN')
    const field = `restaurant(restaurantId: "${restaurantId}", status: "OPEN", after: 0)`
    expect(await subscribed(field, 2)).toEqual(['1 OPEN', '3 OPEN'])
  })

  it('are each logged, even if their data have the same id', async () => {
    await setStatuses('OPEN', 'OPEN', 'OPEN')
    const entries = await page()
    expect(entries).toMatchObject([{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }])
    expect(new Set(entries.map(({ id }) => id)).size).toBe(3)
  })
})

it('an event that is published again under its id is delivered with its new data, and replayed with its first', async () => {
  const receiving = subscribed(`restaurant(restaurantId: "${restaurantId}")`, 2)
  const again = { channel: 'restaurant', keys: restaurantId, id: 'again' }
  await until(
    () => served.publish({ ...again, data: { id: orderId, status: 'FIRST' } }),
    () => served.posted(`c${tests}`).length > 0,
  )
  await served.publish({ ...again, data: { id: orderId, status: 'SECOND' } })
  expect((await receiving).slice(-1)).toEqual(['1 SECOND'])
  expect(await subscribed(`restaurant(restaurantId: "${restaurantId}", after: 0)`, 1)).toEqual(['1 FIRST'])
})

describe('the position that a subscription starts after', () => {
  it('can come from an argument of any name', async () => {
    await setStatuses('OPEN', 'DONE')
    expect(await subscribed(`order(orderId: "${orderId}", since: 1)`, 1)).toEqual(['2 DONE'])
  })

  it('does not come from an argument named "after" unless the field returns it', async () => {
    await setStatuses('OPEN')
    const coming = subscribed(`ordersAfter(restaurantId: "${restaurantId}", after: "noon")`, 1)
    const listed = () =>
      served.publish({ channel: 'restaurant', keys: restaurantId, data: { id: orderId, status: 'NEW' } })
    await until(listed, () => served.posted(`c${tests}`).length > 0)
    expect((await coming)[0]).toBe('NEW')
  })
})

describe('the log of a channel', () => {
  it('is read in order, page by page', async () => {
    await setStatuses('A', 'B', 'C', 'D')
    expect((await page(', first: 2')).map(({ status }) => status)).toEqual(['A', 'B'])
    expect((await page(', first: 2, after: 2')).map(({ status }) => status)).toEqual(['C', 'D'])
    expect(await page(', first: 2, after: 4')).toEqual([])
    expect(await page(', first: 1, after: 0')).toMatchObject([{ sequence: 1, status: 'A', minutesAgo: 0 }])
  })

  it('is filtered by tags, and its pages are filled with matching events', async () => {
    await setStatuses('A', 'B', 'A', 'C', 'A')
    expect(await page(', first: 2, tags: ["A"]')).toMatchObject([{ sequence: 1 }, { sequence: 3 }])
    expect(await page(', first: 2, after: 3, tags: ["A"]')).toMatchObject([{ sequence: 5 }])
    expect(await page(', tags: ["C", "B", "C"]')).toMatchObject([{ sequence: 2 }, { sequence: 4 }])
    expect(await page(', tags: ["Z"]')).toEqual([])
  })

  it('is searched to its end for a tag that few events have', async () => {
    const event = { channel: 'restaurant', keys: restaurantId, data: { id: orderId, status: 'A' } }
    await served.publish([...Array.from({ length: 55 }, () => event), { ...event, tags: ['RARE'] }])
    expect(await page(', first: 2, tags: ["RARE"]')).toMatchObject([{ sequence: 56 }])
  })

  // Regression: the client was told "Cannot read properties of null". For an empty tag, the whole log was read.
  it.each([
    ['a page size of 0', ', first: 0', 'Expected "first" to be a whole number above 0, got 0.'],
    ['a negative page size', ', first: -1', 'Expected "first" to be a whole number above 0, got -1.'],
    ['a negative position', ', after: -1', 'Expected "after" to be 0 or the "sequence" of an event, got -1.'],
    [
      'a tag that is too long',
      `, tags: ["${'t'.repeat(2_050)}"]`,
      'Expected channel, keys and tag to have at most 2048 bytes together',
    ],
    ['a tag that no event can have', ', tags: [""]', 'to be a string that is not empty, got an empty string.'],
    ['a tag that is null', ', tags: ["A", null]', 'to be a string that is not empty, got null.'],
  ])('reports an invalid argument to the client: %s', async (_what, args, sentence) => {
    await setStatuses('A', 'B')
    expect(await served.run(`{ page(key: "${restaurantId}"${args}) { id } }`)).toMatchObject({
      errors: [{ message: expect.stringContaining(sentence), extensions: { code: 'BAD_USER_INPUT' } }],
    })
  })

  it('is empty if nothing was published to its key', async () => {
    expect(await page()).toEqual([])
  })
})
