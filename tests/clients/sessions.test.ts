import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Cursor, Position, Progress } from '../../lib/clients/cursors'
import { createSessions, cursorOwner, seamMs, sessionName } from '../../lib/clients/sessions'
import type { OperationHash } from '../../lib/clients/subscriber'
import type { OperationId } from '../../lib/operations/request'
import { captureLogOfEach } from '../support/captured-log'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { connectClient, subscribeClient, type Subscribing } from '../support/subscribed-client'

const startMs = Date.parse('2030-01-01T00:00:00Z')
const second = 1_000
const minute = 60 * second
const reach = 10 * minute
const session = sessionName('tab 1', undefined)
const owner = cursorOwner(session, '')
const operationId = '1' as OperationId
let operation: OperationHash

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

/** Sessions whose calls go through `table.onCall`. */
const watchedSessions = () =>
  createSessions({
    table: table.table,
    ttlSeconds: 86_400,
    reachSeconds: 600,
    announce: () => Promise.resolve(),
    now: () => nowMs,
  })

const end = (connectionId: string) => table.sessions.end(connectionId, { atMs: nowMs })
const cursor = () => table.sessions.cursors.find(owner, { operationId, operation })
const since = async () => (await cursor())?.sinceMs
const place = async () => {
  const { sinceMs, after, progress } = (await cursor()) ?? {}
  return { sinceMs, after, progress }
}

/** Begins a replay to a connection, and advances it to this progress. */
async function replayTo(connectionId: string, changed: Partial<Progress> = {}): Promise<Cursor> {
  const subscription = { connectionId, operationId, operation, beganAtMs: nowMs }
  const position = ({ sinceMs, after }: Position = {}) => ({ sinceMs, after })
  const begun = await table.sessions.cursors.begin(owner, subscription, position)
  const progress = { from: 3, upTo: 7, lateSinceMs: nowMs, atMs: nowMs, isDone: false, ...changed }
  const advanced = await table.sessions.cursors.advance(begun, progress)
  if (!advanced) throw new Error('The cursor was written by somebody else.')
  return advanced
}

it('a replay replaces expired items of its session that DynamoDB has not deleted yet', async () => {
  await comeIn('c1')
  await replayTo('c1')
  nowMs += 30 * 60 * minute
  await comeIn('c2')
  expect(await replayTo('c2')).toMatchObject({ target: 'c2' })
})

describe('the cursor of a subscription whose connection has ended', () => {
  it('lies 20 s before the last sign of life, and the items of the connection are deleted', async () => {
    await comeIn('c1')
    nowMs += 4 * minute
    await table.clients.seen('c1', nowMs)
    nowMs += 2 * minute
    await end('c1')
    expect(await since()).toBe(nowMs - 2 * minute - seamMs)
    expect((await table.items()).map(({ id }) => id).toSorted()).toEqual(['cursor#1', 'holder'])
  })

  it('lies at most the reach plus 20 s before the end', async () => {
    await comeIn('c1')
    nowMs += 30 * minute
    await end('c1')
    expect(await since()).toBe(nowMs - reach - seamMs)
  })

  it.each([
    ['connected', () => Promise.resolve()],
    [
      'started another subscription',
      async () => {
        const client = await table.clients.find('c1')
        if (client) await subscribeClient(table, { client, operationId: '2', receivedAtMs: nowMs })
      },
    ],
    [
      'stopped a subscription',
      () => table.clients.unsubscribe({ connectionId: 'c1', operationId: '3' as OperationId, receivedAtMs: nowMs }),
    ],
  ])('lies 20 s before the moment when the client %s', async (_when, sign) => {
    await comeIn('c1')
    if (_when !== 'connected') nowMs += minute
    await sign()
    const heardMs = nowMs
    nowMs += minute
    await end('c1')
    expect(await since()).toBe(heardMs - seamMs)
  })

  it('lies at an event that could not be delivered, if that is earlier', async () => {
    await comeIn('c1')
    nowMs += minute
    await table.clients.seen('c1', nowMs)
    await table.sessions.end('c1', { atMs: nowMs, missedAtMs: startMs })
    expect(await since()).toBe(startMs)
  })

  it('lies the whole reach back for a stalled client, even if that has sent messages', async () => {
    await comeIn('c1')
    nowMs += 30 * minute
    await table.clients.seen('c1', nowMs)
    await table.sessions.end('c1', { atMs: nowMs, isStalled: true })
    expect(await since()).toBe(nowMs - reach - seamMs)
  })

  it('is written when another connection takes the session, and not again when the first ends', async () => {
    await comeIn('c1')
    nowMs += 30 * minute
    await table.sessions.take(session, 'c2', nowMs)
    expect(await since()).toBe(nowMs - reach - seamMs)
    const taken = await cursor()
    nowMs += minute
    await end('c1')
    expect(await cursor()).toEqual(taken)
  })

  it('is not written by a connection that does not hold the session', async () => {
    await comeIn('c1')
    await table.sessions.take(session, 'c2', nowMs)
    const taken = await cursor()
    await table.clients.acknowledge('c1', { session }) // a late write
    nowMs += minute
    await end('c1')
    expect(await cursor()).toEqual(taken)
  })

  // The replay to the client's newer connection stopped, and the events due were never sent.
  it('is not overwritten by a cut-off that races with the replay of another connection', async () => {
    const sessions = watchedSessions()
    for (let at = 1; at <= 4; at++) {
      await comeIn('c1')
      let calls = 0
      table.onCall = async (...call) => {
        if (++calls === at) {
          await table.sessions.take(session, 'c2', nowMs)
          await replayTo('c2')
        }
        return table.dynamoDb.call(...call)
      }
      await sessions.cut('c1', { atMs: nowMs, missedAtMs: startMs - minute })
      table.onCall = undefined
      if (calls >= at) expect({ at, to: (await cursor())?.target }).toEqual({ at, to: 'c2' })
    }
  })

  // A slow `connection_init` took the session from the newer connection of its client, whose end then left no cursor.
  it('targets the connection with the latest `connection_init`, whichever takes the session last', async () => {
    for (let at = 1; ; at++) {
      await comeIn('c1')
      nowMs += second
      let calls = 0
      table.onCall = async (...call) => {
        if (++calls === at) {
          await table.sessions.take(session, 'c3', nowMs)
          await replayTo('c3')
        }
        return table.dynamoDb.call(...call)
      }
      const isTaken = await watchedSessions().take(session, 'c2', nowMs - 1)
      table.onCall = undefined
      if (calls < at) return
      expect({ at, to: (await cursor())?.target, isTaken }).toEqual({ at, to: 'c3', isTaken: false })
    }
  })

  it('does not end the former connection, which stays subscribed without the session', async () => {
    await comeIn('c1')
    await table.sessions.take(session, 'c2', nowMs)
    const former = await table.clients.find('c1')
    expect(former?.connectionId).toBe('c1')
    expect(former?.session).toBeUndefined()
    expect((await table.items()).map(({ id }) => id)).toContain('subscription#1')
  })

  it('stays where it is if the next connection ends before a replay', async () => {
    await comeIn('c1')
    await end('c1')
    const first = await since()
    nowMs += minute
    await comeIn('c2')
    await end('c2')
    expect(await since()).toBe(first)
  })

  it('returns to the start of a replay if its client was not heard from afterwards', async () => {
    await comeIn('c1')
    await end('c1')
    const first = await since()
    for (const isDone of [false, true]) {
      nowMs += minute
      await comeIn('c2')
      nowMs += second
      await replayTo('c2', { isDone })
      nowMs += minute
      await end('c2')
      expect(await place()).toEqual({ sinceMs: first })
    }
  })

  it('continues from the progress of a replay if its client was heard from afterwards', async () => {
    await comeIn('c1')
    await end('c1')
    nowMs += minute
    await comeIn('c2')
    const replayedAtMs = nowMs
    await replayTo('c2')
    nowMs += minute
    await table.clients.seen('c2', nowMs)
    await end('c2')
    expect(await place()).toEqual({ after: 7, sinceMs: replayedAtMs })
  })

  it('lies 20 s before the last sign of life after a complete replay that the client received', async () => {
    await comeIn('c1')
    await end('c1')
    nowMs += minute
    await comeIn('c2')
    await replayTo('c2', { isDone: true })
    nowMs += minute
    await table.clients.seen('c2', nowMs)
    await end('c2')
    expect(await place()).toEqual({ sinceMs: nowMs - seamMs })
  })

  it('treats replayed events as received once the reach has passed', async () => {
    await comeIn('c1')
    await end('c1')
    await comeIn('c2')
    await replayTo('c2', { isDone: true })
    nowMs += 20 * minute
    await end('c2')
    expect(await since()).toBe(nowMs - reach - seamMs)
  })

  it('keeps the position of a replay that began before its connection had a session', async () => {
    const client = await connectClient(table, { connectionId: 'c1', connectedAtMs: nowMs })
    ;({ operation } = await subscribeClient(table, { client, receivedAtMs: nowMs }))
    const subscription = { connectionId: 'c1', operationId, operation, beganAtMs: nowMs }
    await table.sessions.cursors.begin(cursorOwner(undefined, 'c1'), subscription, () => ({ after: 5 }))
    await table.sessions.take(session, 'c1', nowMs)
    await table.clients.acknowledge('c1', { session })
    await end('c1')
    expect(await place()).toEqual({ after: 5 })
    expect((await table.items()).map(({ id }) => id).toSorted()).toEqual(['cursor#1', 'holder'])
  })

  it('keeps the time at which the subscription began, across connections', async () => {
    await comeIn('c1')
    await end('c1')
    nowMs += minute
    await comeIn('c2')
    await end('c2')
    expect(await cursor()).toMatchObject({ beganAtMs: startMs })
  })

  it('does not apply to another operation under the same id', async () => {
    await comeIn('c1')
    await end('c1')
    expect(
      await table.sessions.cursors.find(owner, { operationId, operation: 'another' as OperationHash }),
    ).toBeUndefined()
  })

  it('is not written for a channel without a log or for a client without a session', async () => {
    await comeIn('c1', { log: undefined })
    await end('c1')
    const client = await connectClient(table, { connectionId: 'c2', connectedAtMs: nowMs })
    await subscribeClient(table, { client, receivedAtMs: nowMs })
    await end('c2')
    expect((await table.items()).map(({ id }) => id)).toEqual(['holder'])
  })

  it('expires after 24 hours, as the events of the log do', async () => {
    await comeIn('c1')
    await end('c1')
    nowMs += 86_400 * second
    expect(await cursor()).toBeUndefined()
  })
})

describe('a connection that has lost its session to another connection', () => {
  const log = captureLogOfEach()
  const warnings = () =>
    log.filter((line) => line.includes('the same clientId')).map((line) => JSON.parse(line) as unknown)

  it.each([
    ['was heard from later', minute, () => table.clients.find('c1')],
    ['ended later than a dead connection would have', reach + second, () => undefined],
  ])('is logged once as one of two with the same clientId if it %s', async (_why, afterMs, client) => {
    await comeIn('c1')
    nowMs += minute
    await table.sessions.take(session, 'c2', nowMs)
    nowMs += afterMs
    const alive = await client()
    if (alive) await subscribeClient(table, { client: alive, operationId: '2', receivedAtMs: nowMs })
    expect(warnings()).toEqual([])
    await end('c1')
    await end('c2')
    expect(warnings()).toEqual([expect.objectContaining({ level: 'WARN', connectionId: 'c1', takenBy: 'c2' })])
  })

  it('is not logged if it may have been dead', async () => {
    await comeIn('c1')
    nowMs += minute
    const client = await table.clients.find('c1')
    await table.sessions.take(session, 'c2', nowMs)
    const takenAtMs = nowMs
    nowMs += seamMs // in transit while the other one connected
    if (client) await subscribeClient(table, { client, operationId: '2', receivedAtMs: nowMs })
    nowMs = takenAtMs + reach
    await end('c1')
    expect(warnings()).toEqual([])
  })
})

describe('a replay', () => {
  const subscription = (connectionId: string) => {
    return { connectionId, operationId, operation: 'o' as OperationHash, beganAtMs: startMs }
  }
  const progress = { from: 1, upTo: 2, atMs: startMs, isDone: false }

  it('cannot advance a cursor that another replay has written since', async () => {
    const { cursors } = table.sessions
    const begun = await cursors.begin(owner, subscription('c1'), () => ({ sinceMs: startMs }))
    await cursors.begin(owner, subscription('c2'), () => ({ sinceMs: startMs }))
    expect(await cursors.advance(begun, progress)).toBeUndefined()
    const found = await cursors.find(owner, subscription('c1'))
    expect(found?.target).toBe('c2')
    expect(found?.progress).toBeUndefined()
  })

  it('begins from the latest position if several replays begin concurrently', async () => {
    const { cursors } = table.sessions
    await cursors.begin(owner, subscription('c1'), () => ({ after: 1 }))
    const addTen = (connectionId: string) =>
      cursors.begin(owner, subscription(connectionId), (cursor) => ({ after: (cursor?.after ?? 0) + 10 }))
    await Promise.all([addTen('c2'), addTen('c3'), addTen('c4')])
    expect(await cursors.find(owner, subscription('c1'))).toMatchObject({ after: 31 })
  })
})

it('the name of a session is different for each user and each client', () => {
  const names = [
    sessionName('a', undefined),
    sessionName('a', 'alice'),
    sessionName('a', 'bob'),
    sessionName('b', 'bob'),
  ]
  expect(new Set(names).size).toBe(4)
  expect(sessionName('a', 'bob')).toBe(names[2])
})
