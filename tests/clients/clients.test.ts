import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type Clients, createClients } from '../../lib/clients/clients'
import type { Client } from '../../lib/clients/client'
import type { Subscriber } from '../../lib/clients/subscriber'
import type { Subscribers } from '../../lib/clients/subscribers'
import { operationHash, type SharedOperation } from '../../lib/clients/items'
import { anyTagTopic, channelTopic, taggedTopic, type Topic } from '../../lib/channels/topic'
import type { Identity } from '../../lib/identity'
import type { OperationId } from '../../lib/operations/request'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { callbackUrl, connectClient, newSubscription, type Subscribing } from '../support/subscribed-client'

const shared: SharedOperation = {
  callbackUrl,
  dialect: 'legacy',
  request: { query: 'subscription { text(board: "a") }', variables: { b: [1] }, operationName: null },
}
const lobby = channelTopic('board', 'lobby')
const startMs = 1_700_000_000_000

let table: ClientsTable
let clock: number
let clients: Clients
let subscribers: Subscribers

beforeAll(async () => {
  table = await startClientsTable(() => clock)
  ;({ clients } = table)
})
afterAll(() => table.close())
beforeEach(() => {
  clock = startMs
  subscribers = table.newSubscribers()
})
afterEach(async () => {
  for (const { connectionId } of await table.items()) await clients.remove(String(connectionId))
})

describe('a client', () => {
  it('is found until 2 hours after it connected, even if its item still exists then', async () => {
    await connect('c1')
    expect(await clients.find('c1')).toMatchObject({ connectionId: 'c1', callbackUrl, acknowledged: false })
    clock = startMs + 2 * 60 * 60 * 1000
    expect(await clients.find('c1')).toBeUndefined()
    expect(await table.items()).toHaveLength(1)
  })

  it('has a ttl of 2 hours after it connected, in epoch seconds', async () => {
    await connect('c1')
    expect(await table.items()).toMatchObject([{ connectionId: 'c1', id: 'client', ttl: startMs / 1000 + 7200 }])
  })

  it('is acknowledged each time it asks, but only once over graphql-transport-ws', async () => {
    await connect('c1')
    expect(await clients.acknowledge('c1', {})).toBe('acknowledged')
    expect(await clients.acknowledge('c1', {})).toBe('acknowledged')
    await clients.register({
      connectionId: 'c2',
      callbackUrl,
      subprotocol: 'graphql-transport-ws',
      connectedAtMs: clock,
    })
    expect(await clients.acknowledge('c2', {})).toBe('acknowledged')
    expect(await clients.acknowledge('c2', {})).toBe('repeated')
    expect(await clients.find('c2')).toMatchObject({ acknowledged: true })
  })

  it('is not acknowledged if it is not registered, and leaves no item behind', async () => {
    expect(await clients.acknowledge('nobody', {})).toBe('unregistered')
    expect(await table.items()).toEqual([])
  })

  it.each([
    ['$connect', (identity: Identity) => connect('c1', identity)],
    [
      'connection_init',
      async (identity: Identity) => {
        await connect('c1')
        return clients.acknowledge('c1', { identity })
      },
    ],
  ])('has the identity of its token from %s, with the claims that are kept', async (_when, show) => {
    const claims = { role: 'courier', level: 2.5, admin: false }
    const identity = { subject: 'ann', groups: ['staff'], expiresAtSeconds: startMs / 1000 + 60, claims }
    await show(identity)
    expect(await clients.find('c1')).toMatchObject({ identity })
    expect((await clients.findWithSubscriptions('c1')).client).toMatchObject({ identity })
  })

  it('has no claims if an earlier version of the service stored it without claims', async () => {
    const identity = { subject: 'ann', groups: [], expiresAtSeconds: startMs / 1000 + 60 }
    const item = { connectionId: 'c1', id: 'client', callbackUrl, connectedAtMs: startMs, ttl: startMs / 1000 + 60 }
    await table.table.put({ ...item, identity })
    expect(await clients.find('c1')).toMatchObject({ identity: { ...identity, claims: {} } })
  })

  it('is removed with all its items, even in several batches, and without those of other clients', async () => {
    const client = await connect('c1')
    await subscribe(await connect('c2'), 'other', { topics: [lobby] })
    for (let n = 0; n < 30; n++) await subscribe(client, `s${n}`, { topics: [lobby] })
    await clients.remove('c1')
    expect((await table.items()).map(({ connectionId }) => connectionId)).toEqual(['c2', 'c2'])
  })

  it('is removed completely even if DynamoDB leaves deletions unprocessed', async () => {
    const client = await connect('c1')
    for (let n = 0; n < 3; n++) await subscribe(client, `s${n}`, { topics: [lobby] })
    let refusals = 2
    table.onCall = (operation, input) => {
      if (operation !== 'BatchWriteItem' || refusals-- <= 0) return undefined
      return { UnprocessedItems: input['RequestItems'] }
    }
    await clients.remove('c1')
    table.onCall = undefined
    expect(refusals).toBeLessThan(0)
    expect(await table.items()).toEqual([])
  })
})

describe('a subscription', () => {
  it('is one item that is found by its topic and holds its operation', async () => {
    await subscribe(await connect('c1'), '1', { topics: [lobby] })
    const [subscriber] = await subscribersOf(lobby)
    expect(subscriber).toMatchObject({ connectionId: 'c1', operationId: '1' })
    expect(subscriber && (await subscribers.operationOf(subscriber))).toEqual(shared)
    expect((await table.items()).map(({ id }) => id)).toEqual(['client', 'subscription#1'])
  })

  it('has its operation cached after the first read, unless the document is too long', async () => {
    const client = await connect('c1')
    const long = {
      ...shared,
      request: { ...shared.request, query: `# ${'x'.repeat(20_000)}\n${shared.request.query}` },
    }
    await subscribe(client, 'short', { topics: [lobby] })
    await subscribe(client, 'long', { topics: [lobby], asksFor: long })
    const found = await subscribersOf(lobby)
    for (const subscriber of found) expect(await subscribers.operationOf(subscriber)).toBeDefined()
    await clients.remove('c1')
    const remembered = await Promise.all(found.map((subscriber) => subscribers.operationOf(subscriber)))
    expect(new Map(found.map(({ operationId }, n) => [operationId, remembered[n]]))).toEqual(
      new Map([
        ['short', shared],
        ['long', undefined],
      ]),
    )
  })

  it('is found by each of its topics until it is stopped', async () => {
    const board = channelTopic('board', 'a')
    const topics = [anyTagTopic(board), taggedTopic(board, 'fr'), taggedTopic(board, 'de')] as const
    await subscribe(await connect('c1'), 'x#1', { topics })
    for (const one of topics) expect(await subscribersOf(one)).toMatchObject([{ operationId: 'x#1' }])
    await stop('c1', 'x#1')
    for (const one of topics) expect(await subscribersOf(one)).toEqual([])
    expect((await table.items()).map(({ id }) => id)).toEqual(['client'])
  })

  it('is not found after its client has expired, even if its item still exists', async () => {
    await subscribe(await connect('c1'), '1', { topics: [lobby] })
    clock = startMs + 2 * 60 * 60 * 1000
    expect(await subscribersOf(lobby)).toEqual([])
  })

  it.each(['client', 'subscription#1', 'further#1#x', '#', '', '__proto__', '日本', '\u0000'])(
    'does not collide with other items, whatever its id is: %j',
    async (id) => {
      const client = await connect('c1')
      await subscribe(client, id, { topics: [lobby, channelTopic('board', 'other')] })
      expect(await subscribersOf(lobby)).toMatchObject([{ connectionId: 'c1', operationId: id }])
      expect(await clients.find('c1')).toEqual(client)
    },
  )

  it('is replaced with all its topics by a later subscription with the same id', async () => {
    const client = await connect('c1')
    await subscribe(client, '1', {
      topics: [lobby, channelTopic('board', 'b'), channelTopic('board', 'c')],
      receivedAtMs: startMs,
    })
    await subscribe(client, '1', { topics: [channelTopic('board', 'd')], receivedAtMs: startMs + 1 })
    expect(await subscribersOf(lobby)).toEqual([])
    expect((await table.items()).map(({ id }) => id)).toEqual(['client', 'subscription#1'])
  })

  it('is replaced with all its topics by a subscription that is received in the same millisecond', async () => {
    const client = await connect('c1')
    const topics = [lobby, channelTopic('board', 'b'), channelTopic('board', 'c')] as const
    await subscribe(client, '1', { topics })
    await subscribe(client, '1', { topics: [channelTopic('board', 'd')] })
    expect((await table.items()).map(({ id }) => id)).toEqual(['client', 'subscription#1'])
  })

  // Regression: the items that the new subscription will have itself remained, with the operation of the old one.
  it('is replaced with all its topics by one that is held for a replay', async () => {
    const client = await connect('c1')
    await subscribe(client, '1', { topics: [lobby, channelTopic('board', 'b'), channelTopic('board', 'c')] })
    clock += 1
    await subscribe(client, '1', { topics: [lobby, channelTopic('board', 'd')], held: true })
    expect((await table.items()).map(({ id }) => id)).toEqual(['client', 'subscription#1'])
  })

  it('does not replace a later subscription with the same id, and leaves no item behind', async () => {
    const client = await connect('c1')
    await subscribe(client, '1', { topics: [channelTopic('board', 'd')], receivedAtMs: startMs + 1 })
    const outcome = await subscribe(client, '1', { topics: [lobby, channelTopic('board', 'b')], receivedAtMs: startMs })
    expect(outcome).toBe('superseded')
    expect(await subscribersOf(channelTopic('board', 'd'))).toHaveLength(1)
    expect((await table.items()).map(({ id }) => id)).toEqual(['client', 'subscription#1'])
  })

  it('is not stored if a later stop was processed first', async () => {
    const client = await connect('c1')
    await stop('c1', '1', startMs + 1)
    expect(await subscribe(client, '1', { topics: [lobby, channelTopic('board', 'b')], receivedAtMs: startMs })).toBe(
      'superseded',
    )
    expect(await subscribersOf(lobby)).toEqual([])
    expect((await clients.findWithSubscriptions('c1')).operationIds.size).toBe(0)
  })

  // Regression: each early stop left an item, and a connection could have any number of them.
  it('is remembered as stopped for 2 minutes, up to maxStops ids per connection', async () => {
    const client = await connect('c1')
    const few = createClients({ table: table.table, now: () => clock, maxStops: 3 })
    const stopAll = (...ids: readonly string[]) =>
      Promise.all(ids.map((id) => few.unsubscribe({ ...stopOf('c1', id), receivedAtMs: clock })))
    const remembered = async () =>
      (await table.items()).filter(({ operation }) => !operation).flatMap(({ id }) => (id === 'client' ? [] : [id]))
    await subscribe(client, '4', {})
    await stopAll('1', '2', '3')
    await stopAll('5')
    expect(await remembered()).toHaveLength(3)
    await stopAll('6', '7', '8', '9')
    expect((await remembered()).length).toBeLessThanOrEqual(3)
    expect(await subscribersOf(channelTopic('board', 'a'))).toMatchObject([{ operationId: '4' }])
    clock += 121_000
    await stopAll('10')
    expect(await remembered()).toEqual(['subscription#10'])
    expect(await subscribe(client, '10', { receivedAtMs: clock - 1 })).toBe('superseded')
  })

  it('is stored after an earlier stop with the same id, whichever is processed first', async () => {
    const client = await connect('c1')
    await stop('c1', '1', startMs)
    expect(await subscribe(client, '1', { topics: [lobby], receivedAtMs: startMs + 1 })).toBe('stored')
    await stop('c1', '1', startMs)
    expect(await subscribersOf(lobby)).toHaveLength(1)
  })

  it('is counted once per client, however many topics it has', async () => {
    const client = await connect('c1')
    await subscribe(client, '1', { topics: [lobby, channelTopic('board', 'b')] })
    await subscribe(client, '2', { topics: [lobby] })
    expect(await clients.findWithSubscriptions('c1')).toEqual({ client, operationIds: new Set(['1', '2']) })
  })
})

function connect(connectionId: string, identity?: Identity): Promise<Client> {
  return connectClient(table, { connectionId, connectedAtMs: clock, identity })
}

function subscribe(
  client: Client,
  operationId: string,
  { asksFor = shared, ...subscribing }: Omit<Subscribing, 'client'> & { readonly asksFor?: SharedOperation },
) {
  const subscription = newSubscription({ client, receivedAtMs: clock, operationId, ...subscribing })
  const { topics } = subscription
  const operation = operationHash(asksFor, { topics, eventVariables: asksFor.request.variables ?? {} })
  return clients.subscribe({ ...subscription, shared: asksFor, operation })
}

function stop(connectionId: string, operationId: string, receivedAtMs = clock): Promise<void> {
  return clients.unsubscribe({ ...stopOf(connectionId, operationId), receivedAtMs })
}

function stopOf(connectionId: string, operationId: string) {
  return { connectionId, operationId: operationId as OperationId }
}

async function subscribersOf(one: Topic): Promise<Subscriber[]> {
  const page = await subscribers.page(one)
  return [...page.subscribers]
}
