import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { sessionName } from '../../lib/clients/sessions'
import type { OperationId } from '../../lib/operations/request'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { connectClient, subscribeClient, type Subscribing } from '../support/subscribed-client'

const startMs = Date.parse('2030-01-01T00:00:00Z')
const minute = 60_000
const seam = 10_000
const session = sessionName('tab 1', undefined)
const operationId = '1' as OperationId
let operation: string

let table: ClientsTable
let nowMs: number

beforeAll(async () => {
  table = await startClientsTable(() => nowMs)
})
afterAll(() => table.close())

beforeEach(() => {
  nowMs = startMs
})
afterEach(async () => {
  for (const { connectionId } of await table.items()) await table.clients.remove(String(connectionId))
})

/** A connection of the session, subscribed. */
async function comeIn(connectionId: string, subscribing: Partial<Subscribing> = {}): Promise<void> {
  const client = await connectClient(table, { connectionId, session, connectedAtMs: nowMs })
  ;({ operation } = await subscribeClient(table, { client, receivedAtMs: nowMs, ...subscribing }))
}

const cut = async () => (await table.sessions.cutOf(session, { operationId, operation }))?.cutAtMs

describe('a subscription of a session', () => {
  it('was cut when its connection ended, if that was noticed at once, less what may have been on its way', async () => {
    await comeIn('c1')
    nowMs += 30 * minute
    await table.sessions.end('c1', { atMs: nowMs, exact: true })
    expect(await cut()).toBe(nowMs - seam)
    expect((await table.items()).map(({ id }) => id).toSorted()).toEqual(['cut#1', 'holder', 'session'])
  })

  it('was cut up to ten minutes earlier if that was not noticed at once', async () => {
    await comeIn('c1')
    nowMs += 30 * minute
    await table.sessions.end('c1', { atMs: nowMs, exact: false })
    expect(await cut()).toBe(nowMs - 10 * minute - seam)
  })

  it('was not cut before it began, nor before the last sign of life', async () => {
    await comeIn('c1')
    nowMs += minute
    await table.sessions.end('c1', { atMs: nowMs, exact: false })
    expect(await cut()).toBe(startMs - seam)

    await table.sessions.forget({ session, operationId, cutAtMs: 0, note: await noteOf() })
    await comeIn('c2')
    await table.clients.seen('c2', nowMs + 4 * minute)
    nowMs += 5 * minute
    await table.sessions.end('c2', { atMs: nowMs, exact: false })
    expect(await cut()).toBe(nowMs - minute - seam)
  })

  it('was cut when another connection takes the session, though no end of the first was ever heard of', async () => {
    await comeIn('c1')
    nowMs += 30 * minute
    await table.sessions.take(session, 'c2')
    expect(await cut()).toBe(nowMs - 10 * minute - seam)
    nowMs += minute
    await table.sessions.end('c1', { atMs: nowMs, exact: true })
    expect(await cut()).toBe(nowMs - 11 * minute - seam)
  })

  it('keeps the earlier of two cuts until it has been replayed', async () => {
    await comeIn('c1')
    nowMs += minute
    await table.sessions.end('c1', { atMs: nowMs, exact: true })
    const first = nowMs - seam
    nowMs += minute
    await comeIn('c2')
    await table.sessions.end('c2', { atMs: nowMs, exact: true })
    expect(await cut()).toBe(first)
  })

  it('is not forgotten to have been cut if it was cut again during the replay', async () => {
    await comeIn('c1')
    await table.sessions.end('c1', { atMs: nowMs, exact: true })
    const known = await table.sessions.cutOf(session, { operationId, operation })
    if (!known) throw new Error('It was not cut.')
    await comeIn('c2')
    await table.sessions.end('c2', { atMs: nowMs + minute, exact: true })
    expect(await table.sessions.forget(known)).toBe(false)
    expect(await cut()).toBe(known.cutAtMs)
    expect(await table.sessions.forget({ ...known, note: await noteOf() })).toBe(true)
    expect(await cut()).toBeUndefined()
  })

  it('is another one if it asks for something else under the same id', async () => {
    await comeIn('c1')
    await table.sessions.end('c1', { atMs: nowMs, exact: true })
    expect(await table.sessions.cutOf(session, { operationId, operation: 'another' })).toBeUndefined()
  })

  it('misses what is found undeliverable after its connection ended, and its successor is named', async () => {
    const lost = { connectionId: 'c1', operationId, operation }
    const publishedAtMs = startMs + minute
    await comeIn('c1')
    nowMs += 20 * minute
    await table.sessions.end('c1', { atMs: nowMs, exact: true })
    expect(await table.sessions.leftBy('c1')).toBe(session)
    expect(await table.sessions.missed(session, lost, publishedAtMs)).toBeUndefined()
    expect(await cut()).toBe(publishedAtMs)
    await comeIn('c2')
    const successor = { connectionId: 'c2', operationId, operation }
    expect(await table.sessions.missed(session, lost, publishedAtMs)).toEqual(successor)
    expect(await table.sessions.end('c1', { atMs: nowMs, exact: false })).toBe(session)
  })
})

it('has another name for each user and each client', () => {
  const names = [
    sessionName('a', undefined),
    sessionName('a', 'alice'),
    sessionName('a', 'bob'),
    sessionName('b', 'bob'),
  ]
  expect(new Set(names).size).toBe(4)
  expect(sessionName('a', 'bob')).toBe(names[2])
})

async function noteOf(): Promise<string> {
  return (await table.sessions.cutOf(session, { operationId, operation }))?.note ?? ''
}
