import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { endUser } from '../../lib/authentication/end-user'
import { type Clients, createClients, type Subscriber } from '../../lib/clients/clients'
import { topic, type Topic } from '../../lib/operations/topic'
import type { OperationId } from '../../lib/protocol/client-message'
import type { Delivering } from '../../lib/publisher/deliver'
import { endExpired } from '../../lib/publisher/end-expired'
import { type ClientsTable, startClientsTable } from '../support/clients-table'

const connectedAtMs = Date.UTC(2030, 0, 1)
const hourMs = 3_600_000
const tokenExpiresAtMs = connectedAtMs + hourMs

let table: ClientsTable
beforeAll(async () => {
  table = await startClientsTable()
})
afterAll(() => table.close())

/** The store at a time of its own, and what it had to tell clients that had expired. */
function at(now: number): { readonly clients: Clients; readonly told: Delivering[] } {
  const told: Delivering[] = []
  const deliver = (delivering: Delivering) => {
    told.push(delivering)
    return Promise.resolve({ kind: 'delivered' } as const)
  }
  const clients: Clients = createClients({
    documents: table.documents,
    tableName: table.tableName,
    now: () => now,
    onExpired: (subscribers) => endExpired(subscribers, { clients, deliver }),
  })
  return { clients, told }
}

async function subscribe(connectionId: string, topics: readonly Topic[]): Promise<void> {
  const { clients } = at(connectedAtMs)
  const identity = { subject: connectionId, groups: [], expiresAtSeconds: tokenExpiresAtMs / 1000 }
  const callbackUrl = 'https://example.com/dev'
  await clients.register({ connectionId, callbackUrl, subprotocol: undefined, connectedAtMs, identity })
  const client = await clients.find(connectionId)
  if (!client) throw new Error('The client is not registered.')
  const request = { query: 'subscription { chat(chatId: "a") }', variables: null, operationName: null }
  await clients.subscribe({
    client,
    operationId: '1' as OperationId,
    topics,
    shared: { callbackUrl, dialect: 'legacy', request },
    receivedAtMs: connectedAtMs,
  })
}

async function subscribersAt(now: number, listened: Topic) {
  const { clients, told } = at(now)
  const subscribers: Subscriber[] = []
  for await (const page of clients.subscribers(listened)) subscribers.push(...page)
  return { subscribers: subscribers.map(({ connectionId }) => connectionId), told }
}

it('serves a subscription until its token expires; then a publish tells its client, once, and deletes it', async () => {
  const listened = topic('chat', 'expiry')
  const further = topic('chat', 'expiry', 'fr')
  await subscribe('expiring', [listened, further])
  expect(await subscribersAt(tokenExpiresAtMs - 1, listened)).toMatchObject({ subscribers: ['expiring'], told: [] })

  const late = await subscribersAt(tokenExpiresAtMs, further)
  expect(late.subscribers).toEqual([])
  expect(late.told).toEqual([
    { callbackUrl: 'https://example.com/dev', connectionId: 'expiring', frame: expect.anything() },
  ])
  expect(JSON.parse(late.told[0]?.frame ?? '')).toMatchObject({
    type: 'error',
    id: '1',
    payload: { extensions: { code: 'UNAUTHENTICATED' } },
  })
  expect(await subscribersAt(tokenExpiresAtMs, listened)).toMatchObject({ subscribers: [], told: [] })
})

it('treats a connection as gone once its token has expired, so that no operation runs on it', async () => {
  await subscribe('expired', [topic('chat', 'other')])
  expect(await at(tokenExpiresAtMs - 1).clients.find('expired')).toMatchObject({ identity: { subject: 'expired' } })
  expect(await at(tokenExpiresAtMs).clients.find('expired')).toBeUndefined()
  const renewed = { subject: 'expired', groups: [], expiresAtSeconds: tokenExpiresAtMs / 1000 + 60 }
  expect(await at(tokenExpiresAtMs).clients.acknowledge('expired', renewed)).toBe('unregistered')
})

it('lives as long as a newer token that it is shown in time, but never longer than API Gateway lets it', async () => {
  await subscribe('renewing', [topic('chat', 'other')])
  const { clients } = at(tokenExpiresAtMs - 1)
  const renewed = { subject: 'renewing', groups: ['finance'], expiresAtSeconds: tokenExpiresAtMs / 1000 + 60 }
  expect(await clients.acknowledge('renewing', renewed)).toBe('acknowledged')
  expect(await clients.find('renewing')).toMatchObject({ ttl: renewed.expiresAtSeconds, identity: renewed })
  await clients.acknowledge('renewing', { ...renewed, expiresAtSeconds: tokenExpiresAtMs })
  expect(await clients.find('renewing')).toMatchObject({ ttl: connectedAtMs / 1000 + 2 * 3600 })
})

it("ends a user's connections, and those of nobody else", async () => {
  await subscribe('ending', [topic('chat', 'end')])
  await subscribe('staying', [topic('chat', 'end')])
  const closed: string[] = []
  const connections = {
    post: () => Promise.resolve(),
    close: (connectionId: string) => {
      closed.push(connectionId)
      return Promise.resolve()
    },
  }
  const { clients } = at(connectedAtMs)
  expect(await endUser('ending', { clients, connections })).toBe(1)
  expect(closed).toEqual(['ending'])
  expect(await subscribersAt(connectedAtMs, topic('chat', 'end'))).toMatchObject({ subscribers: ['staying'] })
  expect(await endUser('ending', { clients, connections })).toBe(0)
})

it('may begin as many operations in ten seconds as its limit says, however many arrive at once, and as many again in the next ten', async () => {
  await subscribe('hurried', [topic('chat', 'other')])
  const begin = async (now: number) => {
    const { clients } = at(now)
    const client = await clients.find('hurried')
    if (!client) throw new Error('The client is not registered.')
    return Promise.all(Array.from({ length: 8 }, () => clients.countOperation(client, 5)))
  }
  expect((await begin(connectedAtMs)).filter(Boolean)).toHaveLength(5)
  expect((await begin(connectedAtMs + 9_999)).filter(Boolean)).toHaveLength(0)
  expect((await begin(connectedAtMs + 10_000)).filter(Boolean)).toHaveLength(5)
})
