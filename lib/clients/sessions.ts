import { createHash } from 'node:crypto'
import { type AttributeMap, optionalTextOf, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { Table } from '../aws/table'
import { createCursors, type Cursors, type Resumable, toCursor } from './cursors'
import { isFree, itemsUnder, maxConnectionSeconds, readListed } from './items'
import { clientId, clientKey, holderKey, sessionKey, subscribedAs } from './keys'
import { reportSharedClientId } from './report-shared-client-id'
import type { Subscriber } from './subscriber'

/** How a connection ended. */
export interface End {
  /** When that was noticed, in epoch milliseconds. */
  readonly atMs: number
  /** The time of an event that its client did not get: cursors lie there at the latest. */
  readonly missedAtMs?: number | undefined
  /** Whether its client did not take what was posted: then that it was heard from is no proof that it was listening. */
  readonly isStalled?: boolean | undefined
}

/**
 * What is remembered of a client from one connection to the next: where each of its subscriptions has to go on. That is written when a
 * connection ends, never when a message is delivered. It gives nobody a message: what is replayed is what the new subscription
 * asks for, and may.
 */
export interface Sessions {
  readonly cursors: Cursors

  /**
   * Makes a connection the holder of a session. If another one holds it, that is taken to be dead: cursors are written for its
   * subscriptions. Should it live all the same, it goes on without the session, and `end` says so in the log.
   *
   * @param receivedAtMs when its `connection_init` was received
   * @returns false if another one holds it whose `connection_init` came later: then this one is the dead one
   */
  take(session: string, connectionId: string, receivedAtMs: number): Promise<boolean>

  /** Writes the cursors of a connection that is over, or about to be closed, if it holds a session. @returns what `remove` is to delete */
  cut(connectionId: string, end: End): Promise<Remains>

  /** Deletes what `cut` found. */
  remove(remains: Remains): Promise<void>

  /** Both: a connection is over, as API Gateway or its client says. */
  end(connectionId: string, end: End): Promise<void>

  /** The subscriptions of a connection to channels that have a log. */
  subscriptionsOf(connectionId: string): Promise<readonly (Subscriber & Resumable)[]>
}

/** Everything under a connection, by its keys. */
export type Remains = readonly { readonly connectionId: string; readonly id: string }[]

export interface SessionsOptions {
  readonly table: Table
  /** How long a cursor is kept: as long as the log keeps what was published. */
  readonly ttlSeconds: number
  /** How long a connection may have been dead when it is noticed. */
  readonly reachSeconds: number
  /** The clock in epoch milliseconds. */
  readonly now?: () => number
}

/**
 * How long before a client's last sign of life its cursor is put: a publisher may have marked an event 5 s before it posted that (see
 * `LateMarks`), a post takes up to 7 s, and the rest is for the way to the client, and for clocks that differ.
 */
export const seamMs = 20_000

/** The name of a session: of a client, and of the user who has shown to be behind it, so that nobody else has the same. */
export function sessionName(givenClientId: string, subject: string | undefined): string {
  const content = JSON.stringify([subject ?? null, givenClientId])
  return createHash('sha256').update(content).digest().subarray(0, 16).toString('base64url')
}

/** The hash key of a subscription's cursor: what outlasts the connection, if there is something. */
export function cursorOwner(session: string | undefined, connectionId: string): string {
  return session === undefined ? connectionId : sessionKey(session)
}

export function createSessions({ table, ttlSeconds, reachSeconds, now = Date.now }: SessionsOptions): Sessions {
  const cursors = createCursors({ table, ttlSeconds, now })
  return {
    cursors,

    async take(session, connectionId, receivedAtMs) {
      for (;;) {
        const held = await holderOf(session)
        if (held && held.connectionId !== connectionId) {
          if (held.receivedAtMs > receivedAtMs) return false
          await writeCursors(session, held.connectionId, await itemsUnder(held.connectionId, table), { atMs: now() })
          const changes = { set: { takenBy: connectionId, takenAtMs: now() }, remove: ['session'] }
          await table.update(clientKey(held.connectionId), changes, where`#session = ${session}`)
        }
        const ttl = Math.floor(now() / 1000) + maxConnectionSeconds + ttlSeconds
        const item = { ...holderKey(session), holder: connectionId, receivedAtMs, ttl }
        if (await table.put(item, held ? where`holder = ${held.connectionId}` : isFree(now()))) return true
      }
    },

    cut: async (connectionId, end) => cutItems(connectionId, await itemsUnder(connectionId, table), end),
    remove: (remains) => table.deleteAll(remains),

    async end(connectionId, end) {
      const items = await itemsUnder(connectionId, table)
      await this.remove(await cutItems(connectionId, items, end))
      const takenBy = livedOn(items, end.atMs)
      if (takenBy !== undefined) await reportSharedClientId({ connectionId, takenBy })
    },

    subscriptionsOf: async (connectionId) => subscribersOf(await itemsUnder(connectionId, table)),
  }

  async function cutItems(connectionId: string, items: readonly AttributeMap[], end: End): Promise<Remains> {
    const client = clientAmong(items)
    const session = client && optionalTextOf(client, 'session')
    if (session !== undefined) await writeCursors(session, connectionId, items, end)
    return items.map((item) => ({ connectionId, id: textOf(item, 'id') }))
  }

  /**
   * The connection that has taken the session of one which lived all the same: it was heard from later, or ended when one that was dead then
   * would have ended long before.
   */
  function livedOn(items: readonly AttributeMap[], endMs: number): string | undefined {
    const client = clientAmong(items)
    const takenBy = client && optionalTextOf(client, 'takenBy')
    if (!client || takenBy === undefined) return undefined
    const takenAtMs = Number(textOf(client, 'takenAtMs'))
    const wasHeard = Math.max(...items.flatMap(signsOfLife)) > takenAtMs + seamMs
    return wasHeard || endMs > takenAtMs + reachSeconds * 1_000 ? takenBy : undefined
  }

  async function holderOf(session: string): Promise<Holder | undefined> {
    const item = await table.get(holderKey(session))
    if (!item || Number(textOf(item, 'ttl')) <= now() / 1000) return undefined
    return { connectionId: textOf(item, 'holder'), receivedAtMs: Number(optionalTextOf(item, 'receivedAtMs') ?? 0) }
  }

  /** A client was listening when it was last heard from. No close code says that: one side may have sent it minutes after the line broke. */
  async function writeCursors(
    session: string,
    connectionId: string,
    items: readonly AttributeMap[],
    { atMs, missedAtMs, isStalled }: End,
  ): Promise<void> {
    const lastHeardMs = Math.max(...items.flatMap(signsOfLife))
    const reachedMs = atMs - reachSeconds * 1_000
    const heardMs = isStalled ? reachedMs : Math.max(Math.min(lastHeardMs, atMs), reachedMs)
    const sinceMs = Math.min(heardMs - seamMs, missedAtMs ?? Infinity)
    const own = items.flatMap((item) => toCursor(item, now()) ?? [])
    const subscriptions = subscribersOf(items).map((subscriber) => {
      const { operationId, operation } = subscriber
      return {
        ...subscriber,
        own: own.find((each) => each.operationId === operationId && each.operation === operation),
      }
    })
    const holdsIt = async () => (await holderOf(session))?.connectionId === connectionId
    await cursors.cut(sessionKey(session), subscriptions, { sinceMs, isStalled }, holdsIt)
  }
}

function clientAmong(items: readonly AttributeMap[]): AttributeMap | undefined {
  return items.find((item) => textOf(item, 'id') === clientId)
}

/** The connection that a session is resumed from, and when its `connection_init` was received. */
interface Holder {
  readonly connectionId: string
  readonly receivedAtMs: number
}

/** When a client was heard from, as far as an item tells. */
function signsOfLife(item: AttributeMap): readonly number[] {
  const at = (name: string) => Number(optionalTextOf(item, name) ?? 0)
  return [
    at('connectedAtMs'),
    at('acknowledgedAtMs'),
    at('seenAtMs'),
    at('receivedAtMs'),
    at('windowAtSeconds') * 1_000,
  ]
}

/**
 * What is known by the item of its first topic, and is no `stop` that was faster than its `start`. On a channel without a log, what is
 * missed is missed.
 */
function subscribersOf(items: readonly AttributeMap[]): readonly (Subscriber & Resumable)[] {
  return items.flatMap((item) => {
    const listed = optionalTextOf(item, 'operation')
    const operationId = subscribedAs(textOf(item, 'id'))
    if (listed === undefined || operationId === undefined || !item['log']) return []
    const beganAtMs = Number(textOf(item, 'receivedAtMs'))
    return [
      { connectionId: textOf(item, 'connectionId'), operationId, operation: readListed(listed).operation, beganAtMs },
    ]
  })
}
