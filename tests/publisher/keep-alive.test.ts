import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import type { Subprotocol } from '../../lib/protocol/subprotocol'
import { dueConnections } from '../../lib/clients/keep-alive'
import type { Subscriber } from '../../lib/clients/subscriber'
import { keepAlive } from '../../lib/publisher/keep-alive'
import { createRefusalRate } from '../../lib/publisher/refusal-rate'
import { readPublisherSettings } from '../../lib/publisher/settings'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { startSender, timesOf } from '../support/publisher'
import { accept, answering, type ConnectionsServer, startConnectionsServer } from './support/connections-server'

const startMs = Date.parse('2030-01-01T00:00:00Z')
const minute = 60_000

let table: ClientsTable
let api: ConnectionsServer
let nowMs: number
let closed: string[]

beforeAll(async () => {
  table = await startClientsTable(() => nowMs)
  api = await startConnectionsServer()
})
afterAll(() => Promise.all([table.close(), api.close()]))

beforeEach(async () => {
  nowMs = startMs
  closed = []
  for (const { connectionId } of await table.items()) await table.clients.remove(String(connectionId))
})

async function connect(connectionId: string, connectedAtMs: number, subprotocol?: Subprotocol, keptAlive = true) {
  await table.clients.register({ connectionId, callbackUrl: api.callbackUrl, subprotocol, connectedAtMs, keptAlive })
}

async function dueAt(timeMs: number): Promise<readonly string[]> {
  nowMs = timeMs
  const due: Subscriber[] = []
  for await (const page of dueConnections(timeMs, { ...table, now: () => nowMs })) due.push(...page)
  return due.map(({ connectionId }) => connectionId).toSorted()
}

it('finds each connection to keep alive every 8 minutes until it expires, and no others', async () => {
  await connect('a', startMs)
  await connect('b', startMs + minute)
  await connect('not kept', startMs, undefined, false)
  expect(await dueAt(startMs + 8 * minute)).toEqual(['a'])
  expect(await dueAt(startMs + 9 * minute)).toEqual(['b'])
  expect(await dueAt(startMs + 10 * minute)).toEqual([])
  expect(await dueAt(startMs + 112 * minute)).toEqual(['a'])
  expect(await dueAt(startMs + 120 * minute)).toEqual([])
})

it('writes nothing for a connection that is kept open', async () => {
  await connect('a', startMs)
  const before = await table.items()
  expect(await run(startMs + 8 * minute)).toMatchObject({ kept: 1 })
  expect(await table.items()).toEqual(before)
})

it('sends each connection the frame of its protocol, and deletes closed connections', async () => {
  await connect('none', startMs)
  await connect('legacy', startMs, 'graphql-ws')
  await connect('current', startMs, 'graphql-transport-ws')
  await connect('over', startMs)
  api.behaviour = (post, response) => {
    if (post.connectionId === 'over') answering(410)(post, response)
    else accept(post, response)
  }
  expect(await run(startMs + 8 * minute)).toEqual({ kept: 3, cutOff: 1, missed: 0 })
  const frames = new Map(api.posts.map(({ connectionId, body }) => [connectionId, JSON.parse(body) as unknown]))
  expect(frames.get('current')).toEqual({ type: 'ping' })
  expect(frames.get('legacy')).toEqual({ type: 'complete', id: 'keep-alive' })
  expect(frames.get('none')).toEqual(frames.get('legacy'))
  expect((await table.items()).map(({ connectionId }) => connectionId)).not.toContain('over')
})

it('cuts off a connection that does not read', async () => {
  for (const connectionId of ['a', 'b', 'c', 'stalled']) await connect(connectionId, startMs)
  api.behaviour = (post, response) => {
    if (post.connectionId === 'stalled') answering(429)(post, response)
    else accept(post, response)
  }
  expect(await run(startMs + 8 * minute)).toEqual({ kept: 3, cutOff: 1, missed: 0 })
  expect(closed).toEqual(['stalled'])
  expect((await table.items()).map(({ connectionId }) => connectionId)).not.toContain('stalled')
})

async function run(timeMs: number) {
  const sender = startSender()
  try {
    return await keepAlive(
      {
        due: dueConnections(timeMs, { ...table, now: () => timeMs }),
        callbackUrl: api.callbackUrl,
        deliver: sender.deliver,
        sessions: table.sessions,
        close: (connectionId) => {
          closed.push(connectionId)
          return Promise.resolve({ kind: 'delivered' })
        },
        settings: readPublisherSettings({}),
        refusalRate: createRefusalRate(),
        clock: { now: Date.now, pause: sleep },
      },
      timesOf(60_000),
    )
  } finally {
    sender.destroy()
  }
}
