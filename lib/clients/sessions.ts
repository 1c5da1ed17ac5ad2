import { createHash, randomUUID } from 'node:crypto'
import { type AttributeMap, optionalTextOf, textOf } from '../aws/attribute-values'
import type { Table } from '../aws/table'
import type { OperationId } from '../operations/request'
import { maxConnectionSeconds } from './items'
import { clientId, cutId, holderId, sessionId, sessionKey, subscribedAs, subscriptionId } from './keys'
import type { Subscriber } from './subscribers'

/** How a connection ended. */
export interface End {
  /** When it was noticed, in epoch milliseconds. */
  readonly atMs: number
  /**
   * Whether it ended just then. If not, API Gateway may have taken posts for it long after the last that its client received: an
   * answer of 200 means accepted, no more.
   */
  readonly exact: boolean
}

/** Where a subscription was cut: what was published from then on may not have reached its client. */
export interface Cut {
  readonly session: string
  readonly operationId: OperationId
  readonly cutAtMs: number
  /** Which note of it this is: another one means that the subscription was cut again. */
  readonly note: string
}

/**
 * What is remembered of a client from one connection to the next: where each of its subscriptions was cut. A cut is written when a
 * connection ends, never when a message is delivered. It gives nobody a message: what is replayed from it is what the new
 * subscription asks for, and may.
 */
export interface Sessions {
  /** Makes a connection the holder of a session. If another one still holds it, that is taken to be dead: its subscriptions were cut. */
  take(session: string, connectionId: string): Promise<void>

  /**
   * Deletes a connection and everything under it. If it holds a session, its subscriptions are noted as cut first.
   *
   * @returns its session, if it has one, though it may have ended before
   */
  end(connectionId: string, end: End): Promise<string | undefined>

  /**
   * Notes that a subscriber did not get what was published at a time, because its connection is over: a cut that was noted when that
   * ended may be later.
   *
   * @returns the same subscription on the connection that holds the session now, if there is one: it wants to be given what it missed
   */
  missed(session: string, subscriber: Subscriber, publishedAtMs: number): Promise<Subscriber | undefined>

  /** The session of a connection that has ended a short while ago, if it had one. */
  leftBy(connectionId: string): Promise<string | undefined>

  /** Notes that a subscription has everything still to get, until the cut is forgotten. */
  cutFromTheBeginning(session: string, subscription: Pick<Subscriber, 'operationId' | 'operation'>): Promise<void>

  /** Where a subscription that asks for the same under the same id was cut; undefined if it was not, or has been replayed since. */
  cutOf(session: string, subscription: Pick<Subscriber, 'operationId' | 'operation'>): Promise<Cut | undefined>

  /** The subscriptions of a connection that were cut on an earlier one. */
  cutSubscriptions(session: string, connectionId: string): Promise<readonly Subscriber[]>

  /** Forgets a cut that has been replayed, unless the subscription was cut again meanwhile. @returns whether it did */
  forget(cut: Cut): Promise<boolean>
}

export interface SessionsOptions {
  readonly table: Table
  /** How long a cut is kept: as long as the log keeps what was published. */
  readonly ttlSeconds: number
  /** How far back a cut is put that was not noticed at once. */
  readonly reachSeconds: number
  /** The clock in epoch milliseconds. */
  readonly now?: () => number
}

/**
 * How far before the end of a connection its cut is put, at least: what was published then may still have been on its way. The clocks
 * of API Gateway and of the Lambdas differ by far less.
 */
export const seamMs = 10_000

/** How long what a connection leaves behind is kept: publishers that found it before it ended have done by then. */
const leftBehindSeconds = 15 * 60

/** The name of a session: of a client, and of the user who has shown to be behind it, so that nobody else has the same. */
export function sessionName(givenClientId: string, subject: string | undefined): string {
  const content = JSON.stringify([subject ?? null, givenClientId])
  return createHash('sha256').update(content).digest().subarray(0, 16).toString('base64url')
}

export function createSessions({ table, ttlSeconds, reachSeconds, now = Date.now }: SessionsOptions): Sessions {
  return {
    async take(session, connectionId) {
      const held = await holderOf(session)
      if (held !== undefined && held !== connectionId) await noteCuts(session, await itemsOf(held), unnoticed())
      const ttl = seconds(maxConnectionSeconds + ttlSeconds)
      await table.put({ connectionId: sessionKey(session), id: holderId, holder: connectionId, ttl })
    },

    async end(connectionId, end) {
      const items = await itemsOf(connectionId)
      const session = sessionOf(items)
      if (session !== undefined) {
        if ((await holderOf(session)) === connectionId) await noteCuts(session, items, end)
        await table.put({ connectionId, id: sessionId, session, ttl: seconds(leftBehindSeconds) })
      }
      const ids = items.map((item) => textOf(item, 'id')).filter((id) => id !== sessionId)
      await table.deleteAll(ids.map((id) => ({ connectionId, id })))
      return session
    },

    async missed(session, { connectionId, operationId, operation }, publishedAtMs) {
      await noteCut({ session, operationId, operation, cutAtMs: publishedAtMs })
      // After the cut is noted: whoever takes the session up from now on finds it, and whoever has is found here.
      const holder = await holderOf(session)
      if (holder === undefined || holder === connectionId) return undefined
      const successor = await get(holder, subscriptionId(operationId))
      if (!successor || optionalTextOf(successor, 'operation') !== operation) return undefined
      return { connectionId: holder, operationId, operation }
    },

    async leftBy(connectionId) {
      const left = await get(connectionId, sessionId)
      return left && textOf(left, 'session')
    },

    cutFromTheBeginning: (session, { operationId, operation }) =>
      noteCut({ session, operationId, operation, cutAtMs: 0 }),

    async cutOf(session, { operationId, operation }) {
      const item = await get(sessionKey(session), cutId(operationId))
      if (!item || textOf(item, 'operation') !== operation) return undefined
      return { session, operationId, cutAtMs: Number(textOf(item, 'cutAtMs')), note: textOf(item, 'note') }
    },

    async cutSubscriptions(session, connectionId) {
      const cut: Subscriber[] = []
      for (const { operationId, operation } of subscribersOf(await itemsOf(connectionId))) {
        const subscriber = { connectionId, operationId, operation }
        if (await this.cutOf(session, subscriber)) cut.push(subscriber)
      }
      return cut
    },

    async forget({ session, operationId, note }) {
      const key = { connectionId: sessionKey(session), id: cutId(operationId) }
      const write = { condition: 'attribute_not_exists(note) OR note = :note', values: { ':note': note } }
      return (await table.delete(key, write)) !== undefined
    },
  }

  function unnoticed(): End {
    return { atMs: now(), exact: false }
  }

  async function holderOf(session: string): Promise<string | undefined> {
    const item = await get(sessionKey(session), holderId)
    return item && textOf(item, 'holder')
  }

  /** Where each subscription was cut: not before it began, nor before the client's last sign of life. */
  async function noteCuts(session: string, items: readonly AttributeMap[], { atMs, exact }: End): Promise<void> {
    const client = items.find((item) => textOf(item, 'id') === clientId)
    const seenAtMs = Number((client && optionalTextOf(client, 'seenAtMs')) ?? 0)
    const noticedAtMs = exact ? atMs : atMs - reachSeconds * 1_000
    for (const { operationId, operation, beganAtMs } of subscribersOf(items)) {
      const cutAtMs = Math.max(noticedAtMs, seenAtMs, beganAtMs) - seamMs
      await noteCut({ session, operationId, operation, cutAtMs })
    }
  }

  /** An earlier cut of the same subscription stays, since from there on it has not been replayed yet; but it is noted anew. */
  async function noteCut({ session, operationId, operation, cutAtMs }: SubscriptionCut): Promise<void> {
    const key = { connectionId: sessionKey(session), id: cutId(operationId) }
    const note = { note: randomUUID(), ttl: seconds(ttlSeconds) }
    const cut = { operation, cutAtMs }
    const isEarliest = await table.put(
      { ...key, ...cut, ...note },
      {
        condition: 'attribute_not_exists(cutAtMs) OR cutAtMs > :cutAtMs OR operation <> :operation',
        values: { ':cutAtMs': cutAtMs, ':operation': operation },
      },
    )
    // If the earlier one has been forgotten since, this is the first note again.
    if (!isEarliest) await table.update(key, { set: note, setIfAbsent: cut })
  }

  async function itemsOf(connectionId: string): Promise<readonly AttributeMap[]> {
    const items: AttributeMap[] = []
    const pages = table.pages({
      keys: 'connectionId = :connectionId',
      values: { ':connectionId': connectionId },
      names: { '#session': 'session', '#log': 'log' },
      projection: 'connectionId, id, operation, #log, initialDue, receivedAtMs, seenAtMs, #session',
    })
    for await (const page of pages) items.push(...page)
    return items
  }

  async function get(connectionId: string, id: string): Promise<AttributeMap | undefined> {
    const item = await table.get({ connectionId, id })
    return item && Number(textOf(item, 'ttl')) > now() / 1000 ? item : undefined
  }

  function seconds(fromNow: number): number {
    return Math.floor(now() / 1000) + fromNow
  }
}

type SubscriptionCut = Omit<Cut, 'note'> & Pick<Subscriber, 'operation'>

/** The session of a connection, or the one that it has left behind. */
function sessionOf(items: readonly AttributeMap[]): string | undefined {
  const item = items.find(({ session }) => session !== undefined && 'S' in session)
  return item && textOf(item, 'session')
}

/**
 * What is known by the item of its first topic, and is no `stop` that was faster than its `start`. A subscription to a channel without
 * a log misses what it misses, and one whose initial state was not sent gets that when it comes back.
 */
function subscribersOf(items: readonly AttributeMap[]): readonly (Subscriber & { readonly beganAtMs: number })[] {
  return items.flatMap((item) => {
    const operation = optionalTextOf(item, 'operation')
    const operationId = subscribedAs(textOf(item, 'id'))
    if (operation === undefined || operationId === undefined || !item['log'] || item['initialDue']) return []
    const beganAtMs = Number(textOf(item, 'receivedAtMs'))
    return [{ connectionId: textOf(item, 'connectionId'), operationId, operation, beganAtMs }]
  })
}
