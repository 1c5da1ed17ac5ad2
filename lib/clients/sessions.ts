import { createHash } from 'node:crypto'
import { type AttributeMap, optionalTextOf, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import {
  createCursors,
  type Cursors,
  type CursorsOptions,
  type CutSubscription,
  type Resumable,
  toCursor,
} from './cursors'
import { isFree, itemsUnder, maxConnectionSeconds, readListed } from './items'
import { clientId, clientKey, holderKey, sessionKey, subscribedAs } from './keys'
import type { Subscriber } from './subscriber'
import type { Announce } from '../presence/changes'
import { depart, type Membership, membershipOf } from '../presence/departure'

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

  /** Whether a connection is the one that the session is of. */
  isHeldBy(session: string, connectionId: string): Promise<boolean>

  /** Writes the cursors of a connection that is over, or about to be closed, if it holds a session. @returns what `remove` is to delete */
  cut(connectionId: string, end: End): Promise<Remains>

  /** Deletes what `cut` found; members of rooms leave them if they do not come back within ten seconds. */
  remove(remains: Remains): Promise<void>

  /** Both: a connection is over, as API Gateway or its client says. */
  end(connectionId: string, end: End): Promise<void>

  /** The subscriptions of a connection to channels that have a log. */
  subscriptionsOf(connectionId: string): Promise<readonly (Subscriber & Resumable)[]>
}

/** Everything under a connection, by its keys, and apart from that what makes it a member of rooms. */
export interface Remains {
  readonly keys: readonly { readonly connectionId: string; readonly id: string }[]
  readonly memberships: readonly Membership[]
}

export interface SessionsOptions extends CursorsOptions {
  /** How long a connection may have been dead when it is noticed. */
  readonly reachSeconds: number
  readonly announce: Announce
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

export function createSessions({
  table,
  ttlSeconds,
  reachSeconds,
  announce,
  now = Date.now,
}: SessionsOptions): Sessions {
  const cursors = createCursors({ table, ttlSeconds, now })
  return {
    cursors,

    async take(session, connectionId, receivedAtMs) {
      for (;;) {
        const held = await holderOf(session)
        if (held && held.connectionId !== connectionId) {
          if (held.receivedAtMs > receivedAtMs) return false
          await writeCursors(session, await read(held.connectionId), { atMs: now() })
          const changes = { set: { takenBy: connectionId, takenAtMs: now() }, remove: ['session'] }
          await table.update(clientKey(held.connectionId), changes, where`#session = ${session}`)
        }
        const ttl = Math.floor(now() / 1000) + maxConnectionSeconds + ttlSeconds
        const item = { ...holderKey(session), holder: connectionId, receivedAtMs, ttl }
        if (await table.put(item, held ? where`holder = ${held.connectionId}` : isFree(now()))) return true
      }
    },

    isHeldBy,

    cut: async (connectionId, end) => cutConnection(await read(connectionId), end),

    async remove({ keys, memberships }) {
      await depart(memberships, { table, announce, now })
      await table.deleteAll(keys)
    },

    async end(connectionId, end) {
      const connection = await read(connectionId)
      await this.remove(await cutConnection(connection, end))
      const takenBy = livedOn(connection, end.atMs)
      if (takenBy !== undefined) await reportSharedClientId({ connectionId, takenBy })
    },

    subscriptionsOf: async (connectionId) => subscriptionsOf(await read(connectionId)),
  }

  async function read(connectionId: string): Promise<Connection> {
    const items = await itemsUnder(connectionId, table)
    return { connectionId, items, client: items.find((item) => textOf(item, 'id') === clientId) }
  }

  async function cutConnection(connection: Connection, end: End): Promise<Remains> {
    const session = connection.client && optionalTextOf(connection.client, 'session')
    if (session !== undefined) await writeCursors(session, connection, end)
    return remainsOf(connection)
  }

  /**
   * The connection that has taken the session of one which lived all the same: it was heard from later, or ended when one that was dead then
   * would have ended long before.
   */
  function livedOn({ client, items }: Connection, endMs: number): string | undefined {
    if (!client?.['takenBy']) return undefined
    const takenAtMs = Number(textOf(client, 'takenAtMs'))
    const wasHeard = lastHeardMs(items) > takenAtMs + seamMs
    return wasHeard || endMs > takenAtMs + reachSeconds * 1_000 ? textOf(client, 'takenBy') : undefined
  }

  async function holderOf(session: string): Promise<Holder | undefined> {
    const item = await table.get(holderKey(session))
    if (!item || Number(textOf(item, 'ttl')) <= now() / 1000) return undefined
    return { connectionId: textOf(item, 'holder'), receivedAtMs: Number(optionalTextOf(item, 'receivedAtMs') ?? 0) }
  }

  async function isHeldBy(session: string, connectionId: string): Promise<boolean> {
    return (await holderOf(session))?.connectionId === connectionId
  }

  /** A client was listening when it was last heard from. No close code says that: one side may have sent it minutes after the line broke. */
  async function writeCursors(
    session: string,
    connection: Connection,
    { atMs, missedAtMs = Infinity, isStalled }: End,
  ): Promise<void> {
    const { connectionId, items } = connection
    const reachedMs = atMs - reachSeconds * 1_000
    const heardMs = isStalled ? reachedMs : Math.max(Math.min(lastHeardMs(items), atMs), reachedMs)
    const end = { sinceMs: Math.min(heardMs - seamMs, missedAtMs), isStalled }
    await cursors.cut(sessionKey(session), subscriptionsOf(connection), end, () => isHeldBy(session, connectionId))
  }

  /**
   * What is known by the item of its first topic, and is no `stop` that was faster than its `start`. On a channel without a log, what is
   * missed is missed.
   */
  function subscriptionsOf({ connectionId, items }: Connection): readonly (Subscriber & CutSubscription)[] {
    const own = items.flatMap((item) => toCursor(item, now()) ?? [])
    return items.flatMap((item) => {
      const operationId = subscribedAs(textOf(item, 'id'))
      if (operationId === undefined || !item['operation'] || !item['log']) return []
      const { operation } = readListed(textOf(item, 'operation'))
      const beganAtMs = Number(textOf(item, 'receivedAtMs'))
      const cursor = own.find((each) => each.operationId === operationId && each.operation === operation)
      return [{ connectionId, operationId, operation, beganAtMs, own: cursor }]
    })
  }
}

/** Members linger, and those that do already are let be. */
function remainsOf({ connectionId, items }: Connection): Remains {
  const isMember = (item: AttributeMap) => readListed(optionalTextOf(item, 'operation') ?? '').member !== undefined
  return {
    keys: items.filter((item) => !isMember(item)).map((item) => ({ connectionId, id: textOf(item, 'id') })),
    memberships: items.flatMap((item) => membershipOf(item) ?? []),
  }
}

/** Everything under the id of a connection. */
interface Connection {
  readonly connectionId: string
  readonly items: readonly AttributeMap[]
  /** Undefined if it is not registered, or no longer. */
  readonly client: AttributeMap | undefined
}

/** The connection that a session is resumed from, and when its `connection_init` was received. */
interface Holder {
  readonly connectionId: string
  readonly receivedAtMs: number
}

/** When a client was last heard from, as far as its items tell. */
function lastHeardMs(items: readonly AttributeMap[]): number {
  const signs = items.flatMap((item) => {
    const at = (name: string) => Number(optionalTextOf(item, name) ?? 0)
    const times = [at('connectedAtMs'), at('acknowledgedAtMs'), at('seenAtMs'), at('receivedAtMs')]
    return [...times, at('windowAtSeconds') * 1_000]
  })
  return Math.max(...signs)
}

/** Tells those who run the service that two clients use one `clientId`. */
async function reportSharedClientId(shared: {
  readonly connectionId: string
  readonly takenBy: string
}): Promise<void> {
  const { logger } = await import('../observability/logger') // only then: `disconnect` has no other use for it
  logger.warn(
    'Two clients were connected with the same clientId: only the later one can resume. Send another clientId from each page.',
    { ...shared },
  )
}
