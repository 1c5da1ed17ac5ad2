import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Table } from '../../lib/aws/table'
import { anyTagTopic, channelTopic, taggedTopic, type Topic } from '../../lib/channels/topic'
import { isEnded } from '../../lib/channels/completion'
import { isPending } from '../../lib/clients/cursors'
import { createStoredSubscriptions } from '../../lib/clients/stored-subscriptions'
import { cursorOwner, sessionName } from '../../lib/clients/sessions'
import type { Connections } from '../../lib/gateway/connections'
import type { OperationId } from '../../lib/operations/request'
import { createAppender } from '../../lib/history/append'
import { createLateMarks } from '../../lib/history/late-marks'
import { createLogReader, readEvents } from '../../lib/history/read'
import type { Assignment } from '../../lib/publisher/assignment'
import { endSubscription } from '../../lib/publisher/end-subscription'
import { logAssignment } from '../../lib/publisher/log-assignment'
import { publish } from '../../lib/publisher/publish'
import type { Publisher } from '../../lib/publisher/publisher'
import { replay } from '../../lib/publisher/replay'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { type MessagesTable, startMessagesTable } from '../support/messages-table'
import { publicationOf, publisherOf, replayerOf, startSender, throughSns, timesOf } from '../support/publisher'
import { connectClient, subscribeClient, type Subscribing } from '../support/subscribed-client'
import { accept, answering, type ConnectionsServer, startConnectionsServer } from './support/connections-server'

let table: ClientsTable
let messages: MessagesTable
let api: ConnectionsServer
let sender: Connections
let keys: string
let board: Topic
let boards = 0
let handedOn: Assignment[]

beforeAll(async () => {
  table = await startClientsTable()
  messages = await startMessagesTable()
})
afterAll(() => Promise.all([table.close(), messages.close()]))

beforeEach(async () => {
  api = await startConnectionsServer()
  sender = startSender()
  keys = `board ${++boards}`
  board = channelTopic('board', keys)
  handedOn = []
})
afterEach(async () => {
  for (const { connectionId } of await table.items()) await table.clients.remove(String(connectionId))
  sender.destroy()
  await api.close()
})

const identityOf = (subject: string) => ({ subject, groups: [], claims: {}, expiresAtSeconds: 2 ** 40 })

async function subscribe(connectionId: string, { user, ...asked }: Partial<Subscribing> & { user?: string } = {}) {
  const known = await table.clients.find(connectionId)
  const identity = user === undefined ? undefined : identityOf(user)
  const client = known ?? (await connectClient(table, { connectionId, callbackUrl: api.callbackUrl, identity }))
  return subscribeClient(table, { client, topics: [board], ...asked })
}

const toTags = (...tags: readonly string[]) => {
  const topics = [anyTagTopic(board), ...tags.map((tag) => taggedTopic(board, tag))] as const
  return { topics }
}

async function run(assignment: Assignment, changed: Partial<Publisher> = {}, forMs = 10_000) {
  const appender = createAppender({ table: messages.table, ttlSeconds: 3_600 })
  const publisher = publisherOf(table, {
    deliver: sender.deliver,
    lateMarks: createLateMarks({ table: messages.table, ttlSeconds: 3_600 }),
    handOn: (message) => Promise.resolve(void handedOn.push(throughSns(message))),
    ...changed,
  })
  return publish(await logAssignment(assignment, appender), publisher, timesOf(forMs))
}

const completion = (parts: object = {}, atMs?: number) =>
  publicationOf({ channel: 'board', keys, id: 'end', complete: true, ...parts }, atMs)

const told = () =>
  Object.fromEntries(api.posts.map(({ connectionId, body }) => [connectionId, JSON.parse(body) as unknown]))

/** The connections that have items of a subscription. */
const left = async () => {
  const items = (await table.items()).filter(({ id }) => id !== 'client')
  return [...new Set(items.map(({ connectionId }) => connectionId))].sort()
}

describe('a completion', () => {
  it('ends every subscription under its key in the right dialect, and deletes the items', async () => {
    await subscribe('legacy', { operationId: 'x"1' })
    await subscribe('current', { dialect: 'current', ...toTags('x', 'y') })
    await subscribe('raw', { dialect: 'raw', ...toTags('z') })
    await subscribe('elsewhere', { topics: [channelTopic('board', `${keys}!`)] })
    expect(await run(completion())).toMatchObject({ delivered: 3, executions: 0 })
    expect(told()).toEqual({
      legacy: { type: 'complete', id: 'x"1', payload: null },
      current: { type: 'complete', id: '1' },
    })
    expect(await left()).toEqual(['elsewhere'])
    expect(await table.clients.find('legacy')).toBeDefined()
  })

  it('of some tags ends each subscription that selects one of them once, and no others', async () => {
    await subscribe('x', toTags('x'))
    await subscribe('both', toTags('x', 'y'))
    await subscribe('z', toTags('z'))
    await subscribe('all')
    expect(await run(completion({ tags: ['x', 'y'] }))).toMatchObject({ delivered: 2 })
    expect(api.posts.map(({ connectionId }) => connectionId).sort()).toEqual(['both', 'x'])
    expect(await left()).toEqual(['all', 'z'])
  })

  it('of a user ends the subscriptions of all their connections, even those held for a replay', async () => {
    await subscribe('ann 1', { user: 'ann' })
    await subscribe('ann 1', { operationId: 'other board', topics: [channelTopic('board', `${keys}!`)] })
    await subscribe('ann 2', { user: 'ann', held: true, ...toTags('x') })
    // This subscription does not exist.
    await table.clients.unsubscribe({ connectionId: 'ann 1', operationId: '3' as OperationId, receivedAtMs: 1 })
    await subscribe('ben', { user: 'ben' })
    await subscribe('nobody')
    table.calls.length = 0
    expect(await run(completion({ complete: { user: 'ann' } }))).toMatchObject({ delivered: 2 })
    // For each of the two topics: the index, and the items of two connections.
    expect(table.calls.filter((call) => call === 'Query')).toHaveLength(6)
    expect(told()).toEqual({ 'ann 1': expect.objectContaining({ id: '1' }), 'ann 2': expect.anything() })
    expect(await left()).toEqual(['ann 1', 'ben', 'nobody'])
  })

  it('costs one read per subscription and one delete per item', async () => {
    await subscribe('c')
    await subscribe('d', toTags('x'))
    table.calls.length = 0
    await run(completion())
    expect(table.calls.toSorted()).toEqual([
      ...['DeleteItem', 'DeleteItem', 'DeleteItem'],
      ...['GetItem', 'GetItem'],
      ...['Query', 'Query'],
    ])
  })

  // Clocks are assumed to differ by up to 1 s.
  it.each([
    [-60_000, true],
    [900, true],
    [1_100, false],
    [60_000, false],
  ])('ends a subscription that began %i ms after it: %p', async (afterMs, ends) => {
    const atMs = Date.now() - 120_000
    await subscribe('c', { receivedAtMs: atMs + afterMs })
    expect(await run(completion({}, atMs))).toMatchObject({ delivered: ends ? 1 : 0 })
    expect(await left()).toEqual(ends ? [] : ['c'])
  })

  it('that is delivered again does not end a newer subscription with the same id', async () => {
    const atMs = Date.now() - 120_000
    await subscribe('c', { receivedAtMs: atMs - 1 })
    await run(completion({}, atMs))
    await subscribe('c')
    await run(completion({}, atMs))
    expect(api.posts).toHaveLength(1)
    expect(await left()).toEqual(['c'])
  })
})

describe('a subscription that a publisher has found', () => {
  it('is no longer found if another operation has taken its id since', async () => {
    const old = await subscribe('c')
    await subscribe('c', { topics: [channelTopic('board', `${keys}!`)], receivedAtMs: Date.now() + 1 })
    expect(await table.subscriptions.find(old)).toBeUndefined()
  })

  it('is not deleted if it was restarted since', async () => {
    const old = await table.subscriptions.find(await subscribe('c', toTags('x')))
    if (!old) throw new Error('It is not there.')
    await subscribe('c', { ...toTags('x'), receivedAtMs: old.receivedAtMs + 1 })
    await table.subscriptions.end(old)
    expect((await table.items()).filter(({ connectionId }) => connectionId === 'c')).toHaveLength(3)
  })

  it('is not put into the index if it has ended since, and leaves no item there', async () => {
    const old = await table.subscriptions.find(await subscribe('c', { held: true, ...toTags('x', 'y') }))
    if (!old) throw new Error('It is not there.')
    await table.subscriptions.end(old)
    expect(await table.subscriptions.release(old)).toBe(false)
    expect(await left()).toEqual([])
  })

  it('is not put into the index if it was restarted since and is held for a replay', async () => {
    const old = await table.subscriptions.find(await subscribe('c', { held: true }))
    if (!old) throw new Error('It is not there.')
    const anew = await subscribe('c', { held: true, receivedAtMs: old.receivedAtMs + 1 })
    expect(await table.subscriptions.release(old)).toBe(false)
    expect(await table.subscriptions.find(anew)).toMatchObject({ held: true, receivedAtMs: old.receivedAtMs + 1 })
    expect(await table.newSubscribers().operationOf(anew)).toBeUndefined()
  })
})

describe('a completion that fails', () => {
  it('is retried, and deletes nothing before it is delivered', async () => {
    await subscribe('c', toTags('x'))
    api.behaviour = (post, response) => {
      answering(api.posts.length === 1 ? 429 : 500)(post, response)
    }
    expect(await run(completion(), {}, 60)).toMatchObject({ delivered: 0, throttled: 1, handedOn: 1 })
    expect(await left()).toEqual(['c'])
    api.behaviour = accept
    const [next] = handedOn
    if (!next) throw new Error('Nothing was handed on.')
    expect(await run(next)).toMatchObject({ delivered: 1 })
    expect(await left()).toEqual([])
  })

  it('is delivered again if the deletion failed, and then deletes the subscription', async () => {
    await subscribe('c', toTags('x', 'y'))
    let deleted = 0
    const dying: Publisher['subscriptions'] = {
      ...table.subscriptions,
      end: (subscription) => {
        if (deleted++ === 0) throw new Error('It died.')
        return table.subscriptions.end(subscription)
      },
    }
    expect(await run(completion(), { subscriptions: dying })).toMatchObject({ delivered: 1 })
    expect(api.posts).toHaveLength(2)
    expect(await left()).toEqual([])
  })

  it('finds the subscription again after a crash between two of its deletes', async () => {
    await subscribe('c', toTags('x', 'y'))
    let deletes = 0
    const dying: Table = {
      ...table.table,
      delete: (key, write) => {
        if (deletes++ > 0) throw new Error('It died.')
        return table.table.delete(key, write)
      },
    }
    await run(completion(), { subscriptions: createStoredSubscriptions({ table: dying }) }, 60)
    expect(await left()).toEqual(['c'])
    expect(await run(completion())).toMatchObject({ delivered: 1 })
    expect(await left()).toEqual([])
  })

  it('deletes a connection that is closed', async () => {
    await subscribe('c')
    api.behaviour = answering(410)
    expect(await run(completion())).toMatchObject({ delivered: 0, gone: 1 })
    expect(await table.items()).toEqual([])
  })
})

describe('a logged completion of a key', () => {
  const log = () => createLogReader({ table: messages.table })

  async function entries() {
    const found = []
    for await (const page of log().pagesAfter(board, 0)) found.push(...page)
    return found
  }

  it('is logged once, as an entry that applications do not read as an event', async () => {
    const atMs = Date.now() - 5_000
    await run(publicationOf({ channel: 'board', keys, id: 'e', data: { text: 'Hello' } }))
    await run(completion({}, atMs))
    await run(completion({}, atMs))
    const found = await entries()
    expect(found).toHaveLength(2)
    expect(found[1]).toMatchObject({ event: { id: 'end', sequence: 2, completion: { atMs } }, topics: [] })
    expect(await readEvents({ log: board, topics: [board], after: 0, first: 10 }, log())).toMatchObject([{ id: 'e' }])
  })

  it('ends subscriptions that began before it was published, but no later ones', async () => {
    const atMs = Date.now() - 60_000
    await run(publicationOf({ channel: 'board', keys, data: { text: 'Hello' } }))
    await run(completion({}, atMs))
    const [event, end] = await entries()
    if (!event || !end) throw new Error('Two entries were expected.')
    expect([event, end].map((entry) => isEnded(entry.event.completion, atMs - 1))).toEqual([false, true])
    expect([event, end].map((entry) => isEnded(entry.event.completion, atMs + 2_000))).toEqual([false, false])
  })

  it.each([{ tags: ['x'] }, { complete: { user: 'ann' } }])(
    'is the only kind of completion that is logged: not %j',
    async (of) => {
      await run(completion(of))
      expect(await entries()).toEqual([])
    },
  )

  /** Replays the log from its beginning to a subscription that began at this time. */
  async function replayTo(connectionId: string, beganAtMs: number, session?: string) {
    const client = await connectClient(table, {
      connectionId,
      callbackUrl: api.callbackUrl,
      ...(session && { session }),
    })
    const subscriber = await subscribe(connectionId, { client, held: true })
    const { cursors } = table.sessions
    await cursors.begin(cursorOwner(session, connectionId), { ...subscriber, beganAtMs }, () => ({ after: 0 }))
    const replayer = replayerOf({ clients: table, messages }, { deliver: sender.deliver })
    const report = await replay({ replay: subscriber, receivedAtMs: 0, session }, replayer, timesOf(10_000))
    return { report, subscriber }
  }

  it('is skipped by a replay to a subscription that began after it', async () => {
    await run(publicationOf({ channel: 'board', keys, id: 'e', data: { text: 'Hello' } }))
    await run(completion({}, Date.now() - 5_000))
    const { report } = await replayTo('c', Date.now())
    expect(report).toEqual({ replayed: 1, ended: 'complete' })
  })

  it('ends a replayed subscription after the missed events, and leaves no pending cursor', async () => {
    const session = sessionName('tab', undefined)
    await run(publicationOf({ channel: 'board', keys, id: 'e', data: { text: 'Hello' } }))
    await run(completion())
    await run(publicationOf({ channel: 'board', keys, id: 'f', data: { text: 'After the end' } }))
    const { report, subscriber } = await replayTo('c', 0, session)
    expect(report).toEqual({ replayed: 2, ended: 'over' })
    expect(api.posts.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      expect.objectContaining({ payload: { data: { text: 'Hello' } } }),
      { type: 'complete', id: '1', payload: null },
    ])
    expect(await left()).not.toContain('c')
    expect(isPending(await table.sessions.cursors.find(cursorOwner(session, ''), subscriber))).toBe(false)
  })

  it('leaves a cursor before it if the connection is closed', async () => {
    const session = sessionName('tab', undefined)
    const client = await connectClient(table, { connectionId: 'c', callbackUrl: api.callbackUrl, session })
    const subscriber = await subscribe('c', { client })
    api.behaviour = answering(410)
    await run(completion())
    const cursor = await table.sessions.cursors.find(cursorOwner(session, ''), subscriber)
    expect(cursor?.sinceMs).toBeLessThan((await entries())[0]?.event.publishedAtMs ?? 0)
  })

  it('ends a subscription that is held for a replay', async () => {
    const held = await table.subscriptions.find(await subscribe('c', { held: true, ...toTags('x') }))
    if (!held) throw new Error('It is not held.')
    const ending = { deliver: sender.deliver, subscriptions: table.subscriptions }
    expect(await endSubscription(held, ending)).toEqual({ kind: 'delivered' })
    expect(told()).toEqual({ c: { type: 'complete', id: '1', payload: null } })
    expect(await left()).toEqual([])
  })
})
