import { type AttributeMap, numberOf, optionalTextOf, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import {
  createCursors,
  type Cursors,
  type CursorsOptions,
  type CutSubscription,
  type Resumable,
  toCursor,
} from './cursors'
import { hasExpired, isFree, itemsUnder, maxConnectionSeconds, readListed } from './items'
import { clientId, clientKey, holderKey, sessionKey, subscribedAs } from './keys'
import type { Announce } from '../presence/changes'
import { depart, type Membership, membershipOf } from '../presence/departure'
import { shortHash } from '../short-hash'

/** How a connection ended. */
export interface End {
  /** When the end was noticed, in epoch milliseconds. */
  readonly atMs: number
  /** Time of an event that the client did not receive, in epoch milliseconds. Cursors are set no later than this. */
  readonly missedAtMs?: number | undefined
  /** Whether the client did not read what was posted. A sign of life then proves nothing. */
  readonly isStalled?: boolean | undefined
}

/**
 * A client's subscriptions across its connections: a cursor for each. Cursors are written when a connection ends, never
 * when an event is delivered. A cursor grants no access: the replay runs the new subscription, which its own resolver
 * has authorised.
 */
export interface Sessions {
  readonly cursors: Cursors

  /**
   * Makes a connection the holder of a session. Another connection that holds it counts as dead, and its cursors are
   * written. If that one is still alive, it continues without the session, and `end` logs a warning.
   *
   * @param receivedAtMs when its `connection_init` was received
   * @returns false if another connection holds it whose `connection_init` was received later: then this one counts as
   * dead
   */
  take(session: string, connectionId: string, receivedAtMs: number): Promise<boolean>

  /** Whether a connection holds the session. */
  isHeldBy(session: string, connectionId: string): Promise<boolean>

  /**
   * Whether a connection is registered. If not, its end has been handled, which wrote no cursor of a subscription that
   * was stored later.
   */
  isRegistered(connectionId: string): Promise<boolean>

  /**
   * Writes the cursors of a connection that has ended or is about to be closed, if it holds a session. @returns the
   * items for `remove` to delete
   */
  cut(connectionId: string, end: End): Promise<Remains>

  /**
   * Deletes the items that `cut` returned. Members leave their rooms unless they return within 10 s. If the
   * connection holds a session, and `quickMs` have passed since `cut` read the items, one more query finds what was
   * stored meanwhile; that is cut and deleted too.
   */
  remove(remains: Remains): Promise<void>

  /** Calls `cut`, then `remove`, for a connection that API Gateway or its client has ended. */
  end(connectionId: string, end: End): Promise<void>

  /** A connection's subscriptions to logged channels. */
  subscriptionsOf(connectionId: string): Promise<readonly Resumable[]>
}

/** The keys of all items under a connection, and apart from these its memberships of rooms. */
export interface Remains {
  readonly keys: readonly { readonly connectionId: string; readonly id: string }[]
  readonly memberships: readonly Membership[]
  /** Undefined if the connection holds no session. */
  readonly cut?: Cut | undefined
}

/** What `cut` has done for a connection with a session. */
interface Cut {
  readonly session: string
  readonly connectionId: string
  readonly end: End
  /** When it began to read the items, in epoch milliseconds. */
  readonly readAtMs: number
}

export interface SessionsOptions extends CursorsOptions {
  /** The longest time between the death of a connection and its detection. */
  readonly reachSeconds: number
  readonly announce: Announce
}

/**
 * The distance of a cursor from the client's last sign of life. A publisher may have marked an event 5 s before posting
 * it (see `LateMarks`), and a post takes up to 7 s. The remaining time covers the way to the client and clock
 * differences.
 */
export const seamMs = 20_000

/**
 * `cut` writes no cursor of a subscription that is stored after it has read the items. The replay of that subscription
 * takes at least this long (`settlingMs` in lib/publisher/replay.ts), and keeps the cursor of an earlier connection if
 * the items are deleted by then.
 */
const quickMs = 500

/** The name of a session, derived from the `clientId` and the user, so that no other user can take it. */
export function sessionName(givenClientId: string, subject: string | undefined): string {
  return shortHash([subject ?? null, givenClientId])
}

/** The hash key of a subscription's cursor: its session's, or its connection's if there is no session. */
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

    isRegistered: async (connectionId) => (await table.get(clientKey(connectionId))) !== undefined,

    cut: async (connectionId, end) => cutConnection(await read(connectionId), end),

    async remove({ cut, ...remains }) {
      await deleteRemains(remains)
      if (!cut || now() - cut.readAtMs < quickMs) return
      const stored = await read(cut.connectionId)
      if (stored.items.length === 0) return
      await writeCursors(cut.session, stored, cut.end)
      await deleteRemains(remainsOf(stored))
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
    const readAtMs = now()
    const items = await itemsUnder(connectionId, table)
    return { connectionId, readAtMs, items, client: items.find((item) => textOf(item, 'id') === clientId) }
  }

  async function cutConnection(connection: Connection, end: End): Promise<Remains> {
    const session = connection.client && optionalTextOf(connection.client, 'session')
    if (session === undefined) return remainsOf(connection)
    await writeCursors(session, connection, end)
    const { connectionId, readAtMs } = connection
    return { ...remainsOf(connection), cut: { session, connectionId, end, readAtMs } }
  }

  async function deleteRemains({ keys, memberships }: Remains): Promise<void> {
    await depart(memberships, { table, announce, now })
    await table.deleteAll(keys)
  }

  /**
   * Returns the connection that took over the session of this one, if this one turned out to be alive: it was heard
   * from later, or ended later than a dead connection would have.
   */
  function livedOn({ client, items }: Connection, endMs: number): string | undefined {
    if (!client?.['takenBy']) return undefined
    const takenAtMs = Number(textOf(client, 'takenAtMs'))
    const wasHeard = lastHeardMs(items) > takenAtMs + seamMs
    return wasHeard || endMs > takenAtMs + reachSeconds * 1_000 ? textOf(client, 'takenBy') : undefined
  }

  async function holderOf(session: string): Promise<Holder | undefined> {
    const item = await table.get(holderKey(session))
    if (!item || hasExpired(item, now())) return undefined
    return { connectionId: textOf(item, 'holder'), receivedAtMs: numberOf(item, 'receivedAtMs') ?? 0 }
  }

  async function isHeldBy(session: string, connectionId: string): Promise<boolean> {
    return (await holderOf(session))?.connectionId === connectionId
  }

  /**
   * A client was listening when it was last heard from. A close code does not prove that: either side may send it
   * minutes after the line broke.
   */
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
   * A subscription is identified by the item of its first topic; the item of an early `stop` has no operation.
   * Ephemeral channels are never replayed.
   */
  function subscriptionsOf({ connectionId, items }: Connection): readonly CutSubscription[] {
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

/** The entries of members are kept apart, because they are replaced, not deleted: see `depart`. */
function remainsOf({ connectionId, items }: Connection): Remains {
  const isMember = (item: AttributeMap) => readListed(optionalTextOf(item, 'operation') ?? '').member !== undefined
  return {
    keys: items.filter((item) => !isMember(item)).map((item) => ({ connectionId, id: textOf(item, 'id') })),
    memberships: items.flatMap((item) => membershipOf(item) ?? []),
  }
}

/** A connection and all items under its id. */
interface Connection {
  readonly connectionId: string
  /** The time before `items` were read, in epoch milliseconds. */
  readonly readAtMs: number
  readonly items: readonly AttributeMap[]
  /** Undefined if the connection is not registered. */
  readonly client: AttributeMap | undefined
}

/** The connection that holds a session, and when its `connection_init` was received. */
interface Holder {
  readonly connectionId: string
  readonly receivedAtMs: number
}

/** When a client was last heard from, as far as its items show. */
function lastHeardMs(items: readonly AttributeMap[]): number {
  const signs = items.flatMap((item) => {
    const at = (name: string) => numberOf(item, name) ?? 0
    const times = [at('connectedAtMs'), at('acknowledgedAtMs'), at('seenAtMs'), at('receivedAtMs')]
    return [...times, at('windowAtSeconds') * 1_000]
  })
  return signs.reduce((latest, sign) => Math.max(latest, sign), 0) // too many to pass as arguments
}

/** Warns the operators that two clients use the same `clientId`. */
async function reportSharedClientId(shared: {
  readonly connectionId: string
  readonly takenBy: string
}): Promise<void> {
  // loaded only here: `disconnect` does not need it otherwise
  const { logger } = await import('../observability/logger')
  logger.warn(
    'Two clients were connected with the same clientId: only the later one can resume. Use a different clientId for each page.',
    { ...shared },
  )
}
