import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { channel, defineApi } from '../../lib'
import type { DynamoDb } from '../../lib/aws/dynamodb'
import { createTable, type Table } from '../../lib/aws/table'
import { channelTopic, type Topic } from '../../lib/channels/topic'
import { parseWireEvent } from '../../lib/channels/wire'
import { type Assignment, assignmentOf } from '../../lib/publisher/assignment'
import { createLatestEvents, type LatestEvents, lateRetries } from '../../lib/publisher/latest-events'
import { createOperations } from '../../lib/operations/execute'
import type { Connections } from '../../lib/gateway/connections'
import { publish } from '../../lib/publisher/publish'
import type { Publisher } from '../../lib/publisher/publisher'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { type MessagesTable, startMessagesTable } from '../support/messages-table'
import { publisherOf, startSender, throughSns, timesOf } from '../support/publisher'
import { connectClient, subscribeClient } from '../support/subscribed-client'
import { until } from '../support/until'
import { accept, answering, type ConnectionsServer, startConnectionsServer } from './support/connections-server'

const positions = channel<number>('position', { log: false, ordered: 'latest' })
const slow = channel<number>('slow', { log: false, ordered: 'latest', maxPerSecond: 1 })
const subscribe = ({ courier }: { courier: string }) => courier
const api = defineApi({
  typeDefs: 'type Query { a: Int } type Subscription { position(courier: ID!): Int slow(courier: ID!): Int }',
  context: () => ({}),
  resolvers: { Subscription: { position: positions.field({ subscribe }), slow: slow.field({ subscribe }) } },
})

let messages: MessagesTable
let latest: LatestEvents
let couriers = 0
let keys: string
let nowMs: number
/** Each ends the pause of a waiting publisher. */
let wake: (() => void)[]
/** Whether the response of each update is lost, so that `callAws` sends it once more. */
let losesResponses: boolean

beforeAll(async () => {
  messages = await startMessagesTable()
})
afterAll(() => messages.close())

beforeEach(() => {
  keys = `courier ${++couriers}`
  nowMs = Date.now()
  wake = []
  const pause = () => new Promise<void>((resolve) => wake.push(resolve))
  losesResponses = false
  const call: DynamoDb['call'] = async (operation, input) => {
    if (losesResponses && operation === 'UpdateItem') await messages.dynamoDb.call(operation, input)
    return messages.dynamoDb.call(operation, input)
  }
  const table = createTable({ ...messages, dynamoDb: { call } })
  latest = createLatestEvents({ table, clock: { now: () => nowMs, pause } })
  messages.calls.length = 0
})

function eventOf(name: string, data: number, publishedAtMs: number, id = `e${data}`): Assignment {
  return assignmentOf(parseWireEvent({ channel: name, keys, data, id }, api.channels, ''), publishedAtMs)
}

const turnOf = (assignment: Assignment, publisher = latest) =>
  publisher.turnOf(assignment, api.channels.get(assignment.event.channel))
const take = async (...event: Parameters<typeof eventOf>) => (await turnOf(eventOf(...event)))?.event.data

/** Resolves when this many publishers wait. */
const waiting = (count: number) =>
  until(
    () => Promise.resolve(wake.length),
    (length) => length === count,
  )

describe('an event of an ordered channel', () => {
  it('is dropped if a newer event of its key has arrived, and costs one write', async () => {
    expect(await take('position', 2, 2_000)).toBe(2)
    expect(await take('position', 1, 1_000)).toBeUndefined()
    expect(await take('position', 3, 3_000)).toBe(3)
    expect(messages.calls).toEqual(['UpdateItem', 'UpdateItem', 'UpdateItem'])
    keys = 'another'
    expect(await take('position', 1, 1_000)).toBe(1)
  })

  it('counts as newer in the same millisecond if its id is higher', async () => {
    expect(await take('position', 1, 1_000, 'b')).toBe(1)
    expect(await take('position', 2, 1_000, 'a')).toBeUndefined()
    expect(await take('position', 3, 1_000, 'c')).toBe(3)
  })

  it('is published again if Lambda retries it and no other event has arrived', async () => {
    expect(await take('position', 1, 1_000)).toBe(1)
    expect(await take('position', 1, 1_000)).toBe(1)
  })

  it('does not supersede an earlier completion', async () => {
    await take('position', 2, 2_000)
    const completion = { channel: 'position', keys, complete: true }
    const assignment = assignmentOf(parseWireEvent(completion, api.channels, 'e'), 1_000)
    expect(await turnOf(assignment)).toBe(assignment)
  })

  it('is recognised as superseded with one read', async () => {
    const key = channelTopic('position', keys)
    const [first, second] = [eventOf('position', 1, 1_000), eventOf('position', 2, 2_000)]
    expect(await latest.isSuperseded(key, first.event)).toBe(false) // as when its note has expired
    await turnOf(first)
    expect(await latest.isSuperseded(key, first.event)).toBe(false)
    await turnOf(second)
    messages.calls.length = 0
    expect(await latest.isSuperseded(key, first.event)).toBe(true)
    expect(messages.calls).toEqual(['GetItem'])
  })
})

describe('an event of a channel with maxPerSecond', () => {
  it('is published at once if the rate allows it, and costs two writes', async () => {
    expect(await take('slow', 1, nowMs)).toBe(1)
    nowMs += 1_000
    expect(await take('slow', 2, nowMs)).toBe(2)
    expect(messages.calls).toEqual(['UpdateItem', 'UpdateItem', 'UpdateItem', 'UpdateItem'])
  })

  it('waits for the rate; a newer event costs one write and is published in its place', async () => {
    await take('slow', 1, nowMs)
    messages.calls.length = 0
    const waits = take('slow', 2, nowMs + 1)
    await waiting(1)
    expect(messages.calls).toHaveLength(2)
    expect(await take('slow', 4, nowMs + 3)).toBeUndefined()
    expect(await take('slow', 3, nowMs + 2)).toBeUndefined()
    expect(messages.calls).toEqual(['UpdateItem', 'UpdateItem', 'UpdateItem', 'UpdateItem', 'GetItem'])
    nowMs += 1_000
    wake[0]?.()
    expect(await waits).toBe(4)
    expect(messages.calls).toHaveLength(6)
    // From then on, the rate is used up for a second again.
    const next = take('slow', 5, nowMs + 5)
    await waiting(2)
    nowMs += 1_000
    wake[1]?.()
    expect(await next).toBe(5)
  })

  it('makes only one publisher wait, however many events arrive at once', async () => {
    await take('slow', 0, nowMs)
    let dropped = 0
    const all = [1, 2, 3, 4, 5].map(async (n) => {
      const taken = await take('slow', n, nowMs + n)
      if (taken === undefined) dropped++
      return taken
    })
    await until(
      () => Promise.resolve(dropped),
      (count) => count === 4,
    )
    expect(wake).toHaveLength(1)
    nowMs += 1_000
    wake[0]?.()
    expect((await Promise.all(all)).filter((taken) => taken !== undefined)).toEqual([5])
  })

  it('is published as soon as the rate allows it, even if another publisher still waits', async () => {
    await take('slow', 1, nowMs)
    const waits = take('slow', 2, nowMs + 1)
    await waiting(1)
    nowMs += 1_000
    expect(await take('slow', 3, nowMs)).toBe(3)
    wake[0]?.()
    expect(await waits).toBeUndefined()
  })

  it('is published even if an answer of DynamoDB is lost and the write is repeated', async () => {
    const update: Table['update'] = async (...write) => {
      const first = await messages.table.update(...write)
      const second = await messages.table.update(...write)
      return first && second
    }
    const clock = { now: () => nowMs, pause: () => Promise.resolve(void (nowMs += 1_000)) }
    latest = createLatestEvents({ table: { ...messages.table, update }, clock })
    expect(await take('slow', 1, nowMs)).toBe(1)
    expect(await take('slow', 2, nowMs + 1)).toBe(2)
  })

  // Regression: the retried write does not return the previous item, so nobody published the event.
  it('is published even if the response of each of its writes is lost', async () => {
    await take('slow', 1, nowMs)
    losesResponses = true
    const waits = take('slow', 2, nowMs + 1)
    await waiting(1)
    nowMs += 1_000
    wake[0]?.()
    expect(await waits).toBe(2)
  })

  it('is published by the waiting publisher even if the response of its last write is lost', async () => {
    await take('slow', 1, nowMs)
    const waits = take('slow', 2, nowMs + 1)
    await waiting(1)
    expect(await take('slow', 3, nowMs + 2)).toBeUndefined()
    nowMs += 1_000
    losesResponses = true
    wake[0]?.()
    expect(await waits).toBe(3)
  })

  it('is published as soon as the rate allows it, even if the waiting publisher has died', async () => {
    await take('slow', 1, nowMs)
    void take('slow', 2, nowMs + 1)
    await waiting(1) // and is not woken
    nowMs += 1_000
    expect(await take('slow', 3, nowMs)).toBe(3)
  })

  // Regression: the retry was dropped as superseded, although the newer event was left to it.
  it('is published by the retry of the waiting publisher if that has died', async () => {
    await take('slow', 1, nowMs)
    void take('slow', 2, nowMs + 1)
    await waiting(1) // and is not woken
    expect(await take('slow', 3, nowMs + 2)).toBeUndefined()
    nowMs += 60_000
    expect(await take('slow', 2, nowMs - 60_000 + 1)).toBe(3)
  })

  it('is published by the retry of a publisher that has died while it published it', async () => {
    await take('slow', 1, nowMs)
    const waits = take('slow', 2, nowMs + 1)
    await waiting(1)
    expect(await take('slow', 3, nowMs + 2)).toBeUndefined()
    nowMs += 1_000
    wake[0]?.()
    expect(await waits).toBe(3)
    nowMs += 60_000
    expect(await take('slow', 2, nowMs - 61_000 + 1)).toBe(3)
  })

  it.each([1, 2, 3])(
    'is dropped among 12 concurrent events unless it is the first or the newest: attempt %i',
    async () => {
      const clock = { now: Date.now, pause: (ms: number) => sleep(ms) }
      const publishers = Array.from({ length: 12 }, () => createLatestEvents({ ...messages, clock }))
      const takeAll = async (from: number) => {
        const turns = publishers.map((publisher, n) => turnOf(eventOf('slow', from + n, nowMs + from + n), publisher))
        return (await Promise.all(turns)).flatMap((turn) => (turn ? [turn.event.data] : []))
      }
      const first = await takeAll(0)
      expect(first.at(-1)).toBe(11)
      expect(first.length).toBeLessThanOrEqual(2)
      expect(await takeAll(100)).toEqual([111]) // the rate was used up
    },
  )
})

describe('the publisher of an ordered event', () => {
  let table: ClientsTable
  let gateway: ConnectionsServer
  let sender: Connections
  let key: Topic
  let asked: number
  let handedOn: Assignment[]

  beforeAll(async () => {
    table = await startClientsTable()
  })
  afterAll(() => table.close())

  beforeEach(async () => {
    gateway = await startConnectionsServer()
    sender = startSender()
    key = channelTopic('position', keys)
    asked = 0
    handedOn = []
    const client = await connectClient(table, { connectionId: keys, callbackUrl: gateway.callbackUrl })
    const query = 'subscription { position(courier: "a") }'
    await subscribeClient(table, { client, query, topics: [key], log: undefined })
  })
  afterEach(async () => {
    sender.destroy()
    await gateway.close()
  })

  async function run(assignment: Assignment, changed: Partial<Publisher> = {}, forMs = 10_000) {
    const due = await turnOf(assignment)
    if (!due) throw new Error('It is superseded.')
    const publisher = publisherOf(table, {
      deliver: sender.deliver,
      operations: createOperations({ schema: api.schema, onError: () => undefined }),
      channels: api.channels,
      latestEvents: {
        isSuperseded: (...event) => {
          asked++
          return latest.isSuperseded(...event)
        },
      },
      handOn: (message) => Promise.resolve(void handedOn.push(throughSns(message))),
      ...changed,
    })
    return publish(due, publisher, timesOf(forMs))
  }

  it('does not check for a newer event before the first attempt', async () => {
    expect(await run(eventOf('position', 1, 1_000))).toMatchObject({ delivered: 1 })
    expect(asked).toBe(0)
  })

  it('retries as long as no newer event has arrived', async () => {
    gateway.behaviour = (post, response) => {
      ;(gateway.posts.length === 1 ? answering(500) : accept)(post, response)
    }
    expect(await run(eventOf('position', 1, 1_000))).toMatchObject({ delivered: 1 })
    expect([asked, gateway.posts.length]).toEqual([1, 2])
  })

  // An old position was delivered after a newer one.
  it('drops a retry if a newer event has arrived', async () => {
    gateway.behaviour = (post, response) => {
      void turnOf(eventOf('position', 2, 2_000)).then(() => {
        answering(500)(post, response)
      })
    }
    expect(await run(eventOf('position', 1, 1_000))).toMatchObject({ delivered: 0, handedOn: 0, undelivered: 0 })
    expect(gateway.posts).toHaveLength(1)
  })

  it('checks once per 100 ms for all retries, and no more once a newer event has arrived', async () => {
    const answers = [false, true]
    const isSuperseded = () => Promise.resolve(answers[asked++] ?? false)
    const clock = { now: () => nowMs, pause: () => Promise.reject(new Error('Nobody waits here.')) }
    const event = eventOf('position', 1, 1_000)
    const isTooLate = lateRetries({ ...event, latest: event.topics[0] }, { latestEvents: { isSuperseded }, clock })
    let tries = 0
    const ask = async () => {
      const late = [await isTooLate?.(tries), await isTooLate?.(tries), await isTooLate?.(tries)]
      tries++
      return [late, asked]
    }
    expect(await ask()).toEqual([[false, false, false], 0])
    expect(await ask()).toEqual([[false, false, false], 1])
    nowMs += 100
    expect(await ask()).toEqual([[true, true, true], 2])
    nowMs += 100
    expect(await ask()).toEqual([[true, true, true], 2])
  })

  it('drops a handed-on event if a newer event has arrived', async () => {
    gateway.behaviour = answering(500)
    expect(await run(eventOf('position', 1, 1_000), {}, 0)).toMatchObject({ handedOn: 1 })
    await turnOf(eventOf('position', 2, 2_000))
    const [next] = handedOn
    if (!next) throw new Error('Nothing was handed on.')
    expect(await run(next)).toMatchObject({ delivered: 0, handedOn: 0, undelivered: 0 })
    expect(gateway.posts).toEqual([])
  })
})
