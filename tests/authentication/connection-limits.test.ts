import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { endUser } from '../../lib/authentication/end-user'
import { anyTagTopic, channelTopic, taggedTopic, type Topic } from '../../lib/channels/topic'
import { type Clients, createClients } from '../../lib/clients/clients'
import { createSubscribers } from '../../lib/clients/subscribers'
import { publish } from '../../lib/publisher/publish'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { publicationOf, publisherOf, timesOf } from '../support/publisher'
import { callbackUrl, connectClient, subscribeClient } from '../support/subscribed-client'

const connectedAtMs = Date.UTC(2030, 0, 1)
const hourMs = 3_600_000
const tokenExpiresAtMs = connectedAtMs + hourMs

let table: ClientsTable
beforeAll(async () => {
  table = await startClientsTable()
})
afterAll(() => table.close())

/** The store with its clock at `now`. */
function at(now: number): Clients {
  return createClients({ table: table.table, now: () => now })
}

async function subscribe(connectionId: string, topics: readonly [Topic, ...Topic[]]): Promise<void> {
  const { sessions } = table
  const identity = { subject: connectionId, groups: [], expiresAtSeconds: tokenExpiresAtMs / 1000, claims: {} }
  const client = await connectClient(
    { clients: at(connectedAtMs), sessions },
    { connectionId, connectedAtMs, identity },
  )
  await subscribeClient(table, { client, topics, receivedAtMs: connectedAtMs })
}

/**
 * Publishes with the clock at `now`. @returns the connections that received the event, and those that were closed
 * instead
 */
async function publishAt(now: number, listened: Topic) {
  const served: string[] = []
  const closed: string[] = []
  const publisher = publisherOf(table, {
    subscribers: createSubscribers({ table: table.table, now: () => now }),
    deliver: ({ callbackUrl: url, connectionId }) => {
      expect(url).toBe(callbackUrl)
      served.push(connectionId)
      return Promise.resolve({ kind: 'delivered' })
    },
    close: (connectionId) => {
      closed.push(connectionId)
      return Promise.resolve({ kind: 'delivered' })
    },
  })
  const event = { channel: 'board', keys: 'a', id: 'e', data: { text: 'Bonjour' } }
  const assignment = { ...publicationOf(event), cursors: [{ topic: listened }] }
  const { delivered } = await publish(assignment, publisher, timesOf(10_000))
  expect(delivered).toBe(served.length)
  return { served, closed }
}

it('a publish serves a connection until its token expires, then closes it once and deletes it', async () => {
  const board = channelTopic('board', 'expiry')
  const [listened, further] = [taggedTopic(board, 'fr'), taggedTopic(board, 'de')]
  await subscribe('expiring', [anyTagTopic(board), listened, further])
  expect(await publishAt(tokenExpiresAtMs - 1, listened)).toEqual({ served: ['expiring'], closed: [] })
  expect(await publishAt(tokenExpiresAtMs, further)).toEqual({ served: [], closed: ['expiring'] })
  expect(await publishAt(tokenExpiresAtMs, listened)).toEqual({ served: [], closed: [] })
  expect((await table.items()).filter(({ connectionId }) => connectionId === 'expiring')).toEqual([])
})

it('the items of a connection expire after 2 hours, even if its token expires earlier', async () => {
  await subscribe('found', [channelTopic('board', 'other')])
  const ttls = (await table.items()).filter(({ connectionId }) => connectionId === 'found').map(({ ttl }) => ttl)
  expect(ttls).toEqual([connectedAtMs / 1000 + 7_200, connectedAtMs / 1000 + 7_200])
})

it('a connection is no longer found once its token has expired', async () => {
  await subscribe('expired', [channelTopic('board', 'other')])
  expect(await at(tokenExpiresAtMs - 1).find('expired')).toMatchObject({ identity: { subject: 'expired' } })
  expect(await at(tokenExpiresAtMs).find('expired')).toBeUndefined()
})

it('a newer token extends a connection, to at most 2 hours after it connected', async () => {
  await subscribe('renewing', [channelTopic('board', 'other')])
  const clients = at(tokenExpiresAtMs - 1)
  const renewed = {
    subject: 'renewing',
    groups: ['finance'],
    expiresAtSeconds: tokenExpiresAtMs / 1000 + 60,
    claims: {},
  }
  expect(await clients.acknowledge('renewing', { identity: renewed })).toBe('acknowledged')
  expect(await at(tokenExpiresAtMs + 59_999).find('renewing')).toMatchObject({ identity: renewed })
  expect(await at(tokenExpiresAtMs + 60_000).find('renewing')).toBeUndefined()
  await clients.acknowledge('renewing', { identity: { ...renewed, expiresAtSeconds: tokenExpiresAtMs } })
  expect(await at(connectedAtMs + 7_199_999).find('renewing')).toBeDefined()
  expect(await at(connectedAtMs + 7_200_000).find('renewing')).toBeUndefined()
})

it('a connection belongs to the first user whose token it has shown; endUser finds it by that', async () => {
  await subscribe('first', [channelTopic('board', 'other')])
  const clients = at(connectedAtMs)
  const before = await table.items()
  const other = { subject: 'second', groups: [], expiresAtSeconds: tokenExpiresAtMs / 1000, claims: {} }
  expect(await clients.acknowledge('first', { identity: other, session: 'other' })).toBe('otherUser')
  expect(await table.items()).toEqual(before)
  const close = () => Promise.resolve()
  expect(await endUser('second', { clients, close })).toBe(0)
  expect(await endUser('first', { clients, close })).toBe(1)
})

it.each(['graphql-ws', 'graphql-transport-ws'] as const)(
  'a connection that shows the tokens of two users concurrently belongs to one of them (%s)',
  async (subprotocol) => {
    const clients = at(connectedAtMs)
    const connectionId = `disputed ${subprotocol}`
    await clients.register({ connectionId, callbackUrl, subprotocol, connectedAtMs })
    const users = ['ann', 'ben'].map((subject) => {
      return { subject, groups: [], expiresAtSeconds: tokenExpiresAtMs / 1000, claims: {} }
    })
    const outcomes = await Promise.all(users.map((identity) => clients.acknowledge(connectionId, { identity })))
    expect(outcomes.toSorted()).toEqual(['acknowledged', 'otherUser'])
    expect((await clients.find(connectionId))?.identity).toEqual(users[outcomes.indexOf('acknowledged')])
  },
)

it('endUser closes the connections of the user and no others', async () => {
  await subscribe('ending', [channelTopic('board', 'end')])
  await subscribe('staying', [channelTopic('board', 'end')])
  const closed: string[] = []
  const close = (connectionId: string) => {
    closed.push(connectionId)
    return Promise.resolve()
  }
  const clients = at(connectedAtMs)
  expect(await endUser('ending', { clients, close })).toBe(1)
  expect(closed).toEqual(['ending'])
  expect(await publishAt(connectedAtMs, channelTopic('board', 'end'))).toMatchObject({ served: ['staying'] })
  expect(await endUser('ending', { clients, close })).toBe(0)
})

// Regression: its items were deleted before it was closed, so the next call did not find it, and the call ended there.
it('endUser ends the other connections if one cannot be closed, and the next call ends that one', async () => {
  const clients = at(connectedAtMs)
  const identity = { subject: 'kim', groups: [], expiresAtSeconds: tokenExpiresAtMs / 1000, claims: {} }
  for (const connectionId of ['open 1', 'open 2']) {
    await clients.register({ connectionId, callbackUrl, subprotocol: undefined, connectedAtMs, identity })
  }
  const attempts: string[] = []
  const failOnce = (connectionId: string) =>
    attempts.push(connectionId) === 1 ? Promise.reject(new Error('API Gateway answered 429')) : Promise.resolve()
  await expect(endUser('kim', { clients, close: failOnce })).rejects.toThrow(
    '1 of 2 connections could not be ended: API Gateway answered 429',
  )
  expect(await endUser('kim', { clients, close: failOnce })).toBe(1)
  const [first, second] = attempts
  expect([first, second].toSorted()).toEqual(['open 1', 'open 2'])
  expect(attempts).toEqual([first, second, first])
  expect(await endUser('kim', { clients, close: failOnce })).toBe(0)
})

it('a connection may begin its limit of operations per 10 s, even if more arrive concurrently', async () => {
  await subscribe('hurried', [channelTopic('board', 'other')])
  const begin = async (now: number) => {
    const clients = at(now)
    const client = await clients.find('hurried')
    if (!client) throw new Error('The client is not registered.')
    return Promise.all(Array.from({ length: 8 }, () => clients.countOperation(client, 5)))
  }
  expect((await begin(connectedAtMs)).filter(Boolean)).toHaveLength(5)
  expect((await begin(connectedAtMs + 9_999)).filter(Boolean)).toHaveLength(0)
  expect((await begin(connectedAtMs + 10_000)).filter(Boolean)).toHaveLength(5)
})
