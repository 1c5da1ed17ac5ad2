import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { type AttributeMap, fromAttributeMap, textOf } from '../aws/attribute-values'
import type { Table } from '../aws/table'
import type { OperationId } from '../operations/request'
import { cursorId, cursorOf } from './keys'
import type { Subscriber } from './subscribers'

/** From where on a client may lack the events of a subscription. */
export interface Position {
  /** What was logged at this time or later is due, in epoch milliseconds, and what publishers still served then. Absent if `after` says it all. */
  readonly sinceMs?: number | undefined
  /** The number of the last event that the client has: what comes after it is due, whenever it was logged. */
  readonly after?: number | undefined
  /** Whether the subscription's initial state is due before that. */
  readonly initialDue?: boolean | undefined
}

/** How far a replay has got. Posted means accepted by API Gateway: the position stays until the client has been heard from after `atMs`. */
export interface Progress {
  /** The number that the position stands for: what comes after it is due. */
  readonly from: number
  /** The number of the last event that needs no more posts. */
  readonly upTo: number
  /** Publishers that said before this that they serve an event late are taken into account. */
  readonly lateSinceMs?: number | undefined
  readonly atMs: number
  /** Whether the subscription is in the index again, and has everything. */
  readonly isDone: boolean
}

/** Answers "from where?" for one subscription: the item is the only one that does. */
export interface Cursor extends Position {
  /** The hash key that it stands under: of a session, or a connection without one. */
  readonly owner: string
  readonly operationId: OperationId
  /** As `operationHash` names what the subscription asks for. */
  readonly operation: string
  /** When the subscription began that is to be resumed, on whichever connection that was. */
  readonly beganAtMs: number
  /** The connection that is given what is due. */
  readonly connectionId?: string | undefined
  readonly progress?: Progress | undefined
  /** How often in a row its connection was cut off because it did not take what was posted, without a replay that was done. */
  readonly stalls?: number | undefined
  /** Another one each time that it is written. */
  readonly version: string
}

/** A subscription, as a cursor is kept of it. */
export type Resumable = Pick<Subscriber, 'operationId' | 'operation'> & { readonly beganAtMs: number }

/** A subscription whose connection is over, with the cursor that the connection itself had, if there was one. */
export interface CutSubscription extends Resumable {
  readonly own?: Cursor | undefined
}

/** Where the subscriptions of a client have to go on: docs/data-model.md. */
export interface Cursors {
  /** The cursor of a subscription that asks for the same under the same id; undefined if there is none. */
  find(owner: string, subscription: Pick<Subscriber, 'operationId' | 'operation'>): Promise<Cursor | undefined>

  /**
   * Begins the replay of a subscription on a connection. The replay of another connection ends at its next page.
   *
   * @param position what is to be replayed, made of the cursor that there is
   */
  begin(
    owner: string,
    subscription: Resumable & Pick<Subscriber, 'connectionId'>,
    position: (cursor: Cursor | undefined) => Position,
  ): Promise<Cursor>

  /** Notes how far a replay has got. @returns undefined if another write came before: the cursor has to be read again */
  advance(cursor: Cursor, progress: Progress): Promise<Cursor | undefined>

  /**
   * Puts the cursors of subscriptions whose connection is over where its client may begin to lack something: never later than they are.
   *
   * @param end what was posted before `sinceMs` has been received
   * @param isHolder whether the connection is still the one that the owner's cursors are about. Asked once they were read, so that none is
   * written that another connection is given meanwhile
   */
  cut(
    owner: string,
    subscriptions: readonly CutSubscription[],
    end: { readonly sinceMs: number; readonly isStalled?: boolean | undefined },
    isHolder: () => Promise<boolean>,
  ): Promise<void>
}

/** Cursors of a connection that are written at the same time: of all at once, some would wait for a socket to DynamoDB for too long. */
const cutAtOnce = 10

/** Whether there is something to replay. */
export function isPending(cursor: Cursor | undefined): cursor is Cursor {
  return cursor !== undefined && cursor.progress?.isDone !== true
}

/** @param ttlSeconds how long a cursor is kept: as long as the log keeps events */
export function createCursors({
  table,
  ttlSeconds,
  now = Date.now,
}: {
  readonly table: Table
  readonly ttlSeconds: number
  readonly now?: () => number
}): Cursors {
  return {
    async find(owner, { operationId, operation }) {
      const cursor = await read(owner, operationId)
      return cursor?.operation === operation ? cursor : undefined
    },

    async begin(owner, subscription, position) {
      for (;;) {
        const found = await read(owner, subscription.operationId)
        const begun = await write(owner, subscription, found, (cursor) => ({
          ...position(cursor),
          connectionId: subscription.connectionId,
        }))
        if (begun) return begun
      }
    },

    async advance(cursor, progress) {
      const next = { ...cursor, progress, version: randomUUID() }
      return (await put(next, cursor.version)) ? next : undefined
    },

    async cut(owner, subscriptions, { sinceMs, isStalled }, isHolder) {
      let left = subscriptions
      while (left.length > 0) {
        const some = left.slice(0, cutAtOnce)
        const found = await Promise.all(some.map(({ operationId }) => read(owner, operationId)))
        if (!(await isHolder())) return
        const written = await Promise.all(
          some.map((subscription, n) =>
            write(owner, subscription, found[n], (cursor) => {
              const position = positionAfter(cursor ?? subscription.own, sinceMs)
              return isStalled ? { ...position, stalls: (cursor?.stalls ?? 0) + 1 } : position
            }),
          ),
        )
        left = [...some.filter((_subscription, n) => !written[n]), ...left.slice(cutAtOnce)]
      }
    },
  }

  /** Writes what follows from the cursor that was found. @returns undefined if another write came before */
  async function write(
    owner: string,
    { operationId, operation, beganAtMs }: Resumable,
    found: Cursor | undefined,
    next: (cursor: Cursor | undefined) => Position & Pick<Cursor, 'connectionId' | 'stalls'>,
  ): Promise<Cursor | undefined> {
    const known = found?.operation === operation ? found : undefined
    const began = isPending(known) ? known.beganAtMs : beganAtMs
    const kept = { beganAtMs: began, stalls: known?.stalls }
    const cursor = { owner, operationId, operation, ...kept, ...next(known), version: randomUUID() }
    return (await put(cursor, found?.version)) ? cursor : undefined
  }

  async function read(owner: string, operationId: OperationId): Promise<Cursor | undefined> {
    const item = await table.get({ connectionId: owner, id: cursorId(operationId) })
    return item && toCursor(item, now())
  }

  async function put({ owner, operationId, ...cursor }: Cursor, seen: string | undefined): Promise<boolean> {
    const key = { connectionId: owner, id: cursorId(operationId) }
    const { connectionId: target, progress, ...rest } = cursor
    const ttl = Math.floor(now() / 1000) + ttlSeconds
    const condition =
      seen === undefined
        ? { condition: 'attribute_not_exists(id) OR #ttl <= :seconds', values: { ':seconds': now() / 1000 } }
        : { condition: 'version = :version', values: { ':version': seen } }
    const names = seen === undefined ? { names: { '#ttl': 'ttl' } } : {}
    const item = { ...key, ...rest, ttl, target, ...(progress && { progress: { ...progress } }) }
    return (await table.put(item, { ...condition, ...names })) !== undefined
  }
}

/**
 * The position of a subscription whose connection is over. What a replay has posted counts as received if the client was heard from
 * later; if not, the replay begins where it began.
 */
function positionAfter(cursor: Cursor | undefined, sinceMs: number): Position {
  if (!cursor) return { sinceMs }
  const { progress, after, initialDue } = cursor
  if (progress && progress.atMs <= sinceMs) {
    return progress.isDone ? { sinceMs } : { sinceMs: progress.lateSinceMs, after: progress.upTo }
  }
  // The initial state is due until it was posted: whoever comes back after that wants what has happened since.
  const isDue = progress ? undefined : initialDue
  return { sinceMs: cursor.sinceMs && Math.min(cursor.sinceMs, sinceMs), after, initialDue: isDue }
}

const cursorItem = v.object({
  connectionId: v.string(),
  operation: v.string(),
  beganAtMs: v.number(),
  sinceMs: v.optional(v.number()),
  after: v.optional(v.number()),
  initialDue: v.optional(v.boolean()),
  target: v.optional(v.string()),
  progress: v.optional(
    v.object({
      from: v.number(),
      upTo: v.number(),
      lateSinceMs: v.optional(v.number()),
      atMs: v.number(),
      isDone: v.boolean(),
    }),
  ),
  stalls: v.optional(v.number()),
  version: v.string(),
  ttl: v.number(),
})

/** What an item of the clients table says; undefined if it is no cursor, or has expired. */
export function toCursor(item: AttributeMap, nowMs: number): Cursor | undefined {
  const operationId = cursorOf(textOf(item, 'id'))
  if (operationId === undefined) return undefined
  const { connectionId: owner, target, ttl, ...rest } = v.parse(cursorItem, fromAttributeMap(item))
  return ttl <= nowMs / 1000 ? undefined : { owner, operationId, connectionId: target, ...rest }
}
