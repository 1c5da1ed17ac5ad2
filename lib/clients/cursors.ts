import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { type AttributeMap, fromAttributeMap, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import type { OperationId } from '../operations/request'
import { hasExpired, isFree } from './items'
import { cursorId, cursorOf } from './keys'
import type { OperationHash, Subscriber } from './subscriber'

/** The position from which a client may have missed events of a subscription. */
const position = v.object({
  /**
   * Epoch milliseconds. Events logged at or after this time are due, and events that publishers were still delivering
   * then. Absent if `after` alone gives the position.
   */
  sinceMs: v.optional(v.number()),
  /**
   * The number of the last event that the client has. Events with a higher number are due, whenever they were logged.
   */
  after: v.optional(v.number()),
  /** Whether the initial state is due first. */
  initialDue: v.optional(v.boolean()),
})
export type Position = Readonly<v.InferOutput<typeof position>>

/**
 * The progress of a replay. Posted means accepted by API Gateway: the position stays until the client is heard from
 * after `atMs`.
 */
const progress = v.object({
  /** The number at which the replay began: events with a higher number are due. */
  from: v.number(),
  /** The number of the last event that needs no further post. */
  upTo: v.number(),
  /** Late marks placed before this time, in epoch milliseconds, have been taken into account. */
  lateSinceMs: v.optional(v.number()),
  /** Set between two invocations that post late events: those up to this number that were marked then were posted. */
  late: v.optional(v.object({ upTo: v.number(), lookedAtMs: v.number() })),
  atMs: v.number(),
  /** Whether the replay is complete and the subscription is back in the index. */
  isDone: v.boolean(),
})
export type Progress = Readonly<v.InferOutput<typeof progress>>

const cursorItem = v.object({
  ...position.entries,
  operation: v.custom<OperationHash>((value) => typeof value === 'string'),
  /** When the subscription to resume began, on whichever connection. */
  beganAtMs: v.number(),
  /** The connection that receives the replay. */
  target: v.optional(v.string()),
  progress: v.optional(progress),
  /** How many times in a row the connection was cut off for not reading, without a completed replay in between. */
  stalls: v.optional(v.number()),
  /** Changes with each write. */
  version: v.string(),
})

/** The position from which one subscription resumes. It is stored in this item alone. */
export interface Cursor extends Readonly<v.InferOutput<typeof cursorItem>> {
  /** The hash key of the item: a session, or a connection without one. */
  readonly owner: string
  readonly operationId: OperationId
}

/** A subscription that a cursor can resume, on this connection or another. */
export interface Resumable extends Subscriber {
  readonly beganAtMs: number
}

/** A subscription whose connection has ended, with the cursor stored under the connection itself, if any. */
export interface CutSubscription extends Resumable {
  readonly own?: Cursor | undefined
}

/** The positions from which a client's subscriptions resume: docs/reference/data-model.md. */
export interface Cursors {
  /** Finds the cursor for the same operation under the same id; undefined if there is none. */
  find(owner: string, subscription: Pick<Subscriber, 'operationId' | 'operation'>): Promise<Cursor | undefined>

  /**
   * Begins the replay of a subscription on a connection. A replay to another connection stops at its next page.
   *
   * @param position computes where to begin from the existing cursor
   */
  begin(owner: string, subscription: Resumable, position: (cursor: Cursor | undefined) => Position): Promise<Cursor>

  /** Stores the progress of a replay. @returns undefined if another write came first: the cursor must be read again */
  advance(cursor: Cursor, progress: Progress): Promise<Cursor | undefined>

  /**
   * Writes the cursors of subscriptions whose connection has ended. A cursor only ever moves back.
   *
   * @param end everything posted before `sinceMs` counts as received
   * @param isHolder whether the connection still holds the session. Called after the cursors are read, so that a cursor
   * that another connection is already replaying is not overwritten
   */
  cut(
    owner: string,
    subscriptions: readonly CutSubscription[],
    end: { readonly sinceMs: number; readonly isStalled?: boolean | undefined },
    isHolder: () => Promise<boolean>,
  ): Promise<void>
}

/**
 * Number of cursors of a connection that are written concurrently. Writing all at once would make some wait too long
 * for a socket to DynamoDB.
 */
const cutAtOnce = 10

/** Whether the cursor has something to replay. */
export function isPending(cursor: Cursor | undefined): cursor is Cursor {
  return cursor !== undefined && cursor.progress?.isDone !== true
}

export interface CursorsOptions extends TableAndClock {
  /** How long a cursor is kept: as long as the log keeps events. */
  readonly ttlSeconds: number
}

export function createCursors({ table, ttlSeconds, now = Date.now }: CursorsOptions): Cursors {
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
          target: subscription.connectionId,
        }))
        if (begun) return begun
      }
    },

    async advance(cursor, progress) {
      const next = { ...cursor, progress, version: randomUUID() }
      return (await put(next, cursor)) ? next : undefined
    },

    async cut(owner, subscriptions, { sinceMs, isStalled }, isHolder) {
      let remaining = subscriptions
      while (remaining.length > 0) {
        const some = remaining.slice(0, cutAtOnce)
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
        remaining = [...some.filter((_subscription, n) => !written[n]), ...remaining.slice(cutAtOnce)]
      }
    },
  }

  /** Writes the successor of the cursor that was read. @returns undefined if another write came first */
  async function write(
    owner: string,
    { operationId, operation, beganAtMs }: Resumable,
    found: Cursor | undefined,
    next: (cursor: Cursor | undefined) => Position & Pick<Cursor, 'target' | 'stalls'>,
  ): Promise<Cursor | undefined> {
    const known = found?.operation === operation ? found : undefined
    const kept = { beganAtMs: isPending(known) ? known.beganAtMs : beganAtMs, stalls: known?.stalls }
    const cursor = { owner, operationId, operation, ...kept, ...next(known), version: randomUUID() }
    return (await put(cursor, found)) ? cursor : undefined
  }

  async function read(owner: string, operationId: OperationId): Promise<Cursor | undefined> {
    const item = await table.get({ connectionId: owner, id: cursorId(operationId) })
    return item && toCursor(item, now())
  }

  async function put({ owner, operationId, ...cursor }: Cursor, seen: Cursor | undefined): Promise<boolean> {
    const ttl = Math.floor(now() / 1000) + ttlSeconds
    const item = { connectionId: owner, id: cursorId(operationId), ...cursor, ttl }
    return (await table.put(item, seen ? where`version = ${seen.version}` : isFree(now()))) !== undefined
  }
}

/**
 * Computes the position of a subscription whose connection has ended. Replayed events count as received if the client
 * was heard from later; otherwise the next replay starts where this one did.
 */
function positionAfter(cursor: Cursor | undefined, sinceMs: number): Position {
  if (!cursor) return { sinceMs }
  const { progress, after, initialDue } = cursor
  if (progress && progress.atMs <= sinceMs) {
    return progress.isDone ? { sinceMs } : { sinceMs: progress.lateSinceMs, after: progress.upTo }
  }
  // The initial state is due only until it was posted. A client that comes back later wants the events since.
  const isDue = progress ? undefined : initialDue
  return { sinceMs: cursor.sinceMs && Math.min(cursor.sinceMs, sinceMs), after, initialDue: isDue }
}

/** Parses an item of the clients table; undefined if it is not a cursor, or has expired. */
export function toCursor(item: AttributeMap, nowMs: number): Cursor | undefined {
  const operationId = cursorOf(textOf(item, 'id'))
  if (operationId === undefined || hasExpired(item, nowMs)) return undefined
  return { owner: textOf(item, 'connectionId'), operationId, ...v.parse(cursorItem, fromAttributeMap(item)) }
}
