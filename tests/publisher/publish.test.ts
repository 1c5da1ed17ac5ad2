import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { PageKey } from '../../lib/aws/table'
import { anyTagTopic, channelTopic, taggedTopic } from '../../lib/channels/topic'
import { createSubscribers, type Subscribers } from '../../lib/clients/subscribers'
import type { Connections } from '../../lib/gateway/connections'
import type { Assignment } from '../../lib/publisher/assignment'
import { oncePerMessage } from '../../lib/publisher/once-per-message'
import { cutOff } from '../../lib/publisher/cut-off'
import { HandOnError, publish } from '../../lib/publisher/publish'
import type { Publisher, PublisherSettings } from '../../lib/publisher/publisher'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { publicationOf, publisherOf, startSender, throughSns, timesOf } from '../support/publisher'
import { connectClient, subscribeClient, type Subscribing } from '../support/subscribed-client'
import { accept, answering, type ConnectionsServer, startConnectionsServer } from './support/connections-server'

const board = channelTopic('board', 'lobby')
const data = { text: 'Bonjour', tag: 'fr' }
const publication = publicationOf({ channel: 'board', keys: 'lobby', tags: ['fr'], id: 'e:fr', data })
const { event } = publication
const settings: PublisherSettings = {
  concurrency: 20,
  ratePerSecond: 100_000,
  burst: 100_000,
  maxRecipients: 20_000,
  maxRounds: 2,
}

let table: ClientsTable
let subscribers: Subscribers
let api: ConnectionsServer
let sender: Connections
let handedOn: Assignment[]
let givenUp: (Assignment & { readonly reason: string })[]
let closed: string[]

beforeAll(async () => {
  table = await startClientsTable()
})
afterAll(() => table.close())

beforeEach(async () => {
  api = await startConnectionsServer()
  sender = startSender(settings.concurrency)
  subscribers = table.newSubscribers()
  handedOn = []
  givenUp = []
  closed = []
})
afterEach(async () => {
  for (const connectionId of connected.splice(0)) await table.clients.remove(connectionId)
  table.calls.length = 0
  sender.destroy()
  await api.close()
})

const connected: string[] = []

async function connect(connectionId: string) {
  await connectClient(table, { connectionId, callbackUrl: api.callbackUrl })
  connected.push(connectionId)
}

async function subscribe(connectionId: string, changed: Partial<Subscribing> = {}) {
  const client = await table.clients.find(connectionId)
  if (!client) throw new Error(`${connectionId} is not connected.`)
  await subscribeClient(table, { client, topics: [board], ...changed })
}

async function subscribeAll(count: number) {
  for (let n = 0; n < count; n++) {
    await connect(`c${n}`)
    await subscribe(`c${n}`)
  }
}

function publisher(changed: Partial<Publisher> = {}): Publisher {
  return publisherOf(table, {
    subscribers,
    deliver: sender.deliver,
    settings,
    handOn: (message) => {
      handedOn.push(throughSns(message))
      return Promise.resolve()
    },
    giveUp: (assignment, reason) => {
      givenUp.push({ ...throughSns(assignment), reason })
      return Promise.resolve()
    },
    close: (connectionId) => {
      closed.push(connectionId)
      return Promise.resolve({ kind: 'delivered' })
    },
    ...changed,
  })
}

const run = (assignment: Assignment = publication, changed: Partial<Publisher> = {}, forMs = 10_000) =>
  publish(assignment, publisher(changed), timesOf(forMs))

/** The subscribers of the table, in pages of this size. */
function inPagesOf(size: number): Subscribers {
  return {
    ...subscribers,
    async page(name, from) {
      const { subscribers: all, expired } = await subscribers.page(name)
      const start = Number(from?.['start'] ?? 0)
      const end = start + size
      const next: PageKey | undefined = end < all.length ? { start: end } : undefined
      return { subscribers: all.slice(start, end), expired: start === 0 ? expired : [], next }
    },
  }
}

const nothing = {
  delivered: 0,
  gone: 0,
  cutOff: 0,
  dropped: 0,
  handedOn: 0,
  undelivered: 0,
  throttled: 0,
  executions: 0,
}

const served = () => api.posts.map(({ connectionId }) => connectionId).sort()

describe('a publication', () => {
  test('reaches each subscriber in its dialect, under its id, with its selection set', async () => {
    await connect('a=')
    await subscribe('a=', { operationId: 'x"1' })
    await connect('b+/')
    await subscribe('b+/', { dialect: 'current', query: 'subscription { notes(board: "lobby") { id tag } }' })
    await connect('c')
    await subscribe('c', { dialect: 'raw', topics: [anyTagTopic(board), taggedTopic(board, 'fr')] })
    await connect('d')
    await subscribe('d', { topics: [anyTagTopic(board), taggedTopic(board, 'de')] })

    expect(await run()).toEqual({ ...nothing, delivered: 3, executions: 3 })

    expect(
      Object.fromEntries(api.posts.map(({ connectionId, body }) => [connectionId, JSON.parse(body) as unknown])),
    ).toEqual({
      'a=': { type: 'data', id: 'x"1', payload: { data: { text: 'Bonjour' } } },
      'b+/': { type: 'next', id: '1', payload: { data: { notes: { id: 'e:fr', tag: 'fr' } } } },
      c: { data: { text: 'Bonjour' } },
    })
  })

  test('executes each distinct operation once, however many subscribers share it', async () => {
    await subscribeAll(30)
    expect(await run()).toMatchObject({ delivered: 30, executions: 1 })
    expect(table.calls).toEqual(['Query', 'Query', 'GetItem'])
  })

  // Regression: it was listed under both topics, and received the event twice.
  test('reaches a subscription that matches it by two tags once', async () => {
    await connect('both')
    await subscribe('both', { topics: [anyTagTopic(board), taggedTopic(board, 'x'), taggedTopic(board, 'y')] })
    await run(publicationOf({ channel: 'board', keys: 'lobby', tags: ['x', 'y'], data: { text: 'Hello' } }))
    expect(served()).toEqual(['both'])
  })

  test('reads each operation once per process', async () => {
    await subscribeAll(2)
    await run()
    await table.clients.remove('c0')
    await table.clients.remove('c1')
    await connect('c2')
    await subscribe('c2')
    table.calls.length = 0
    expect(await run()).toMatchObject({ delivered: 1, executions: 1 })
    expect(table.calls).toEqual(['Query', 'Query'])
    expect(await run(publication, { subscribers: table.newSubscribers() })).toMatchObject({ delivered: 1 })
    expect(table.calls).toEqual(['Query', 'Query', 'Query', 'Query', 'GetItem'])
  })

  test('queries each topic once if there are no subscribers, and does nothing else', async () => {
    expect(await run()).toEqual(nothing)
    expect(table.calls).toEqual(['Query', 'Query'])
    expect(api.posts).toEqual([])
  })

  test('cuts off connections older than 2 hours with all their items, and posts nothing to them', async () => {
    await subscribeAll(2)
    await subscribe('c1', { operationId: '2', topics: [channelTopic('board', 'other')] })
    const twoHoursMs = 2 * 60 * 60 * 1000
    const later = createSubscribers({ ...table, now: () => Date.now() + twoHoursMs })
    expect(await run(publication, { subscribers: later })).toEqual({ ...nothing, cutOff: 2 })
    expect(api.posts).toEqual([])
    expect(closed.toSorted()).toEqual(['c0', 'c1'])
    expect(await table.items()).toEqual([])
  })

  test('cuts off only connections whose token has expired', async () => {
    await subscribeAll(1)
    const identity = { subject: 'ann', groups: [], expiresAtSeconds: Math.floor(Date.now() / 1000) + 60, claims: {} }
    await connectClient(table, { connectionId: 'ann', callbackUrl: api.callbackUrl, identity })
    connected.push('ann')
    await subscribe('ann')
    expect(await run()).toEqual({ ...nothing, delivered: 2, executions: 1 })
    const later = createSubscribers({ ...table, now: () => Date.now() + 61_000 })
    expect(await run(publication, { subscribers: later })).toEqual({
      ...nothing,
      delivered: 1,
      cutOff: 1,
      executions: 1,
    })
    expect(closed).toEqual(['ann'])
    expect(await table.clients.find('ann')).toBeUndefined()
  })

  test('reaches the other subscribers if one of them changes its operation meanwhile', async () => {
    await subscribeAll(3)
    const changing: Subscribers = {
      ...subscribers,
      async operationOf(subscriber) {
        if (subscriber.connectionId === 'c0') {
          await subscribe('c0', { query: 'subscription { notes(board: "lobby") { id } }' })
        }
        return subscribers.operationOf(subscriber)
      },
    }
    expect(await run(publication, { subscribers: changing })).toMatchObject({ delivered: 2 })
    expect(served()).toEqual(['c1', 'c2'])
  })
})

describe('a subscriber whose connection is closed', () => {
  test('is deleted with all its items, while the others are served', async () => {
    await subscribeAll(5)
    await subscribe('c3', { operationId: '2' })
    await subscribe('c3', { operationId: '3', topics: [channelTopic('board', 'other')] })
    api.behaviour = (post, response) => {
      if (post.connectionId === 'c3') answering(410)(post, response)
      else accept(post, response)
    }
    table.calls.length = 0

    const report = await run()

    expect(report).toMatchObject({ delivered: 4, handedOn: 0, undelivered: 0 })
    expect(report.gone).toBe(2)
    expect(table.calls).toEqual(['Query', 'Query', 'GetItem', 'Query', 'BatchWriteItem'])
    expect(await table.clients.find('c3')).toBeUndefined()
    expect((await subscribers.page(channelTopic('board', 'other'))).subscribers).toEqual([])
    expect((await subscribers.page(board)).subscribers).toHaveLength(4)
  })

  test('is posted to once, not once for each of its subscriptions', async () => {
    await connect('c0')
    for (let n = 0; n < 30; n++) await subscribe('c0', { operationId: String(n) })
    api.behaviour = answering(410)
    await run(publication, { settings: { ...settings, concurrency: 1 } })
    expect(api.posts).toHaveLength(1)
  })

  test('is handed on to another invocation if it cannot be deleted', async () => {
    await subscribeAll(2)
    api.behaviour = answering(410)
    const broken = { ...table.sessions, remove: () => Promise.reject(new Error('no')) }
    expect(await run(publication, { sessions: broken })).toMatchObject({ gone: 2, handedOn: 2 })
    expect(handedOn).toMatchObject([{ recipients: [{ connectionId: 'c0' }, { connectionId: 'c1' }], round: 1 }])
  })
})

describe('an unserved recipient', () => {
  const failing = (...ids: string[]) => {
    api.behaviour = (post, response) => {
      if (ids.includes(post.connectionId)) answering(500, 'broken')(post, response)
      else accept(post, response)
    }
  }

  /** A clock by which the time is over at the first retry. */
  const brief = (): Partial<Publisher> => {
    let skippedMs = 0
    const pause = () => Promise.resolve((skippedMs += 10_000))
    return { clock: { now: () => Date.now() + skippedMs, pause } }
  }

  test('is handed on, and the next invocation serves only such recipients', async () => {
    await subscribeAll(20)
    failing('c4', 'c9')
    expect(await run(publication, brief())).toMatchObject({ delivered: 18, handedOn: 2, undelivered: 0 })
    expect(handedOn).toHaveLength(1)
    expect(handedOn[0]?.cursors).toEqual([])
    expect(handedOn[0]?.round).toBe(1)
    expect(handedOn[0]?.recipients.map(({ connectionId }) => connectionId).sort()).toEqual(['c4', 'c9'])

    api.behaviour = accept
    const before = api.posts.length
    expect(await run(handedOn[0])).toMatchObject({ delivered: 2, handedOn: 0 })
    expect(
      api.posts
        .slice(before)
        .map(({ connectionId }) => connectionId)
        .sort(),
    ).toEqual(['c4', 'c9'])
    expect(JSON.parse(api.posts.at(-1)?.body ?? '')).toEqual({
      type: 'data',
      id: '1',
      payload: { data: { text: 'Bonjour' } },
    })
  })

  test('is not cut off after the deadline, and keeps its items', async () => {
    const never = () => Promise.reject(new Error('There is no time for this.'))
    const cutting = { sessions: { cut: never, remove: never }, close: never, clock: { now: Date.now, pause: never } }
    const notCutOff = await cutOff([{ connectionId: 'c', why: 'stalled' }], cutting, Date.now())
    expect([...notCutOff]).toEqual([['c', 'The deadline passed before the connection was cut off.']])
  })

  test('is cut off after the last round', async () => {
    await subscribeAll(3)
    failing('c1')
    await run(publication, brief())
    expect(await run(handedOn[0], brief())).toMatchObject({ delivered: 0, cutOff: 1, handedOn: 0, undelivered: 0 })
    expect(closed).toEqual(['c1'])
    expect(await table.clients.find('c1')).toBeUndefined()
    expect(givenUp).toEqual([])
  })

  test('is kept as a failed event if it cannot be cut off, and that event can be published again', async () => {
    await subscribeAll(3)
    failing('c1')
    const close: Publisher['close'] = () => Promise.resolve({ kind: 'forbidden', reason: 'no' })
    await run(publication, { close, ...brief() })
    expect(await run(handedOn[0], { close, ...brief() })).toMatchObject({ cutOff: 1, undelivered: 1 })
    expect(givenUp).toMatchObject([{ event, recipients: [{ connectionId: 'c1', operationId: '1' }], reason: 'no' }])
    expect(await table.clients.find('c1')).toBeDefined()

    api.behaviour = accept
    const late = { ...givenUp[0], servedUntilMs: Date.now() - 1 }
    expect(await run(throughSns(late))).toMatchObject({ delivered: 3 })
  })

  test.each([403, 400])('is cut off at once after a permanent failure (%d)', async (status) => {
    await subscribeAll(3)
    api.behaviour = (post, response) => {
      if (post.connectionId === 'c1') answering(status)(post, response)
      else accept(post, response)
    }
    expect(await run()).toMatchObject({ delivered: 2, cutOff: 1, handedOn: 0, undelivered: 0 })
    expect(api.posts).toHaveLength(3)
    expect(closed).toEqual(['c1'])
  })

  test('is not retried if its frame is too large', async () => {
    await subscribeAll(1)
    api.behaviour = answering(413)
    expect(await run()).toMatchObject({ cutOff: 0, handedOn: 0, undelivered: 1 })
    expect(closed).toEqual([])
  })

  test('keeps its connection if it stalls on a channel without a log', async () => {
    await subscribeAll(3)
    failing('c1')
    expect(await run({ ...publication, log: undefined })).toMatchObject({ delivered: 2, cutOff: 0, dropped: 1 })
    expect(closed).toEqual([])
    expect(await table.clients.find('c1')).toBeDefined()
  })

  test('keeps its connection after the last round on a channel without a log', async () => {
    await subscribeAll(3)
    failing('c1')
    const ephemeral = { ...publication, log: undefined }
    await run(ephemeral, brief())
    expect(await run(handedOn[0], brief())).toMatchObject({ cutOff: 0, dropped: 1, handedOn: 0 })
    expect(closed).toEqual([])
  })

  test('keeps the correlation id and the request time when it is handed on or given up', async () => {
    await subscribeAll(1)
    const from = { correlationId: 'm1', requestedAt: '2030-01-01T00:00:00.000Z' }
    failing('c0')
    const close: Publisher['close'] = () => Promise.resolve({ kind: 'forbidden', reason: 'no' })
    await run({ ...publication, ...from }, brief())
    await run({ ...publication, ...from, round: settings.maxRounds - 1 }, { close, ...brief() })
    await run({ ...publication, ...from }, {}, 0)
    expect([handedOn[0], givenUp[0], handedOn[1]]).toEqual(Array(3).fill(expect.objectContaining(from)))
  })

  test('is handed on in messages below 256 KB, even among 6,000 recipients', async () => {
    await subscribeAll(1)
    const [subscriber] = (await subscribers.page(board)).subscribers
    if (!subscriber) throw new Error('Nobody is subscribed.')
    const recipients = Array.from({ length: 6_000 }, (_, n) => ({ ...subscriber, connectionId: `L0SM9cOFvHcCI${n}=` }))
    const large = { ...event, data: { text: '🐎'.repeat(20_000) } }
    const assignment = { ...publication, event: large, cursors: [], recipients }
    expect(await run(assignment, {}, -1)).toMatchObject({ handedOn: 6_000 })
    expect(handedOn.length).toBeGreaterThan(2)
    for (const message of handedOn) expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(262_144)
    expect(handedOn.flatMap((message) => message.recipients)).toEqual(recipients)
  })

  test('is served alone by a retry of Lambda if it could not be handed on', async () => {
    await subscribeAll(10)
    failing('c2')
    const unreachable = { handOn: () => Promise.reject(new Error('SNS is down')) }
    let changed: Partial<Publisher> = { ...unreachable, ...brief() }
    const receive = oncePerMessage({
      publish: async (assignment) => {
        await run(assignment, changed)
      },
      replay: () => Promise.reject(new Error('There is none.')),
    })
    const message = { id: 'm', task: { ...publication, cursors: [{ topic: board }] } }
    await expect(receive(message, timesOf(0))).rejects.toThrow(HandOnError)
    const before = api.posts.length

    changed = {}
    api.behaviour = accept
    await receive(message, timesOf(0))
    expect(api.posts.slice(before).map(({ connectionId }) => connectionId)).toEqual(['c2'])

    await receive(message, timesOf(0))
    expect(api.posts).toHaveLength(before + 1)
  })

  // Regression: only work that could not be handed on was remembered.
  test('is not served again by a retry of Lambda that fails for another reason after serving it', async () => {
    const [served, late] = [publication, { ...publication, round: 1 }]
    const outcomes = [new HandOnError([served, late], new Error('SNS is down')), undefined, new Error('It is late.')]
    const published: Assignment[] = []
    const receive = oncePerMessage({
      publish: (assignment) => {
        published.push(assignment)
        const failure = outcomes.shift()
        return failure ? Promise.reject(failure) : Promise.resolve()
      },
      replay: () => Promise.reject(new Error('There is none.')),
    })
    const message = { id: 'm', task: publication }
    await expect(receive(message, timesOf(0))).rejects.toThrow(HandOnError)
    await expect(receive(message, timesOf(0))).rejects.toThrow('It is late.')
    expect(published.splice(0)).toEqual([publication, served, late])

    await receive(message, timesOf(0))
    expect(published).toEqual([late])
  })
})

describe('more subscribers than one invocation serves', () => {
  test('are handed on by page before all posts are done, and each is served once', async () => {
    await subscribeAll(50)
    const subscribers = inPagesOf(10)
    const changed = { subscribers, settings: { ...settings, maxRecipients: 20 } }
    let postsWhenHandedOn: number | undefined
    const report = await run(publication, {
      ...changed,
      handOn: (message) => {
        postsWhenHandedOn ??= api.posts.length
        handedOn.push(throughSns(message))
        return Promise.resolve()
      },
    })
    expect(report).toMatchObject({ delivered: 20, handedOn: 0 })
    expect(postsWhenHandedOn).toBeLessThanOrEqual(10)
    expect(handedOn).toMatchObject([{ cursors: [{ topic: board, from: { start: 20 } }], recipients: [], round: 0 }])

    for (const message of handedOn) await run(message, changed)
    expect(handedOn).toHaveLength(2)
    expect(served()).toEqual(Array.from({ length: 50 }, (_, n) => `c${n}`).sort())
  })

  test('are handed on by name or by page if time runs out, and each is served once', async () => {
    await subscribeAll(50)
    const subscribers = inPagesOf(20)
    api.behaviour = (post, response) =>
      setTimeout(() => {
        accept(post, response)
      }, 20)
    const slow = { subscribers, settings: { ...settings, concurrency: 2 } }
    const report = await run(publication, slow, 100)
    expect(report.delivered).toBeLessThan(20)
    api.behaviour = accept
    for (const message of handedOn) await run(message, { subscribers, settings: { ...settings, maxRounds: 9 } })
    expect(served()).toEqual(Array.from({ length: 50 }, (_, n) => `c${n}`).sort())
  })

  test('are handed on from a page that cannot be read, and earlier ones are not served again', async () => {
    await subscribeAll(30)
    const subscribers = inPagesOf(10)
    const failingAt = (start: number): Subscribers => ({
      ...subscribers,
      page: (name, from) =>
        from?.['start'] === start ? Promise.reject(new Error('DynamoDB is down')) : subscribers.page(name, from),
    })
    const pauses: number[] = []
    const pause = (ms: number) => Promise.resolve(void pauses.push(ms))
    const clock = { now: Date.now, pause }
    expect(await run(publication, { subscribers: failingAt(20), clock })).toMatchObject({ delivered: 20 })
    // The next publisher could hardly read the page at once.
    expect(pauses.some((ms) => ms >= 1_000 && ms < 2_000)).toBe(true)
    expect(handedOn).toMatchObject([{ cursors: [{ from: { start: 20 } }], round: 1 }])

    await run(handedOn[0], { subscribers: failingAt(20) })
    expect(givenUp).toMatchObject([{ cursors: [{ from: { start: 20 } }], reason: 'DynamoDB is down' }])

    await run({ ...throughSns(givenUp[0]), servedUntilMs: Date.now() + 1_000 }, { subscribers })
    expect(served()).toEqual(Array.from({ length: 30 }, (_, n) => `c${n}`).sort())
  })

  test('are read from the key at which DynamoDB left off', async () => {
    await subscribeAll(5)
    const first = await table.dynamoDb.call('Query', {
      TableName: table.tableName,
      IndexName: 'topic',
      KeyConditionExpression: 'topic = :topic',
      ExpressionAttributeValues: { ':topic': { S: board } },
      Limit: 2,
    })
    const { LastEvaluatedKey } = first as { LastEvaluatedKey: PageKey }
    await run(throughSns({ ...publication, cursors: [{ topic: board, from: LastEvaluatedKey }] }))
    expect(served()).toEqual(['c2', 'c3', 'c4'])
  })
})
