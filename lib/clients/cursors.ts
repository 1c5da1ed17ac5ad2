import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { type AttributeMap, fromAttributeMap, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import type { OperationId } from '../operations/request'
import { isFree } from './items'
import { cursorId, cursorOf } from './keys'
import type { OperationHash, Subscriber } from './subscriber'

/** From where on a client may lack the events of a subscription. */
const position = v.object({
  /** What was logged at this time or later is due, in epoch milliseconds, and what publishers still served then. Absent if `after` says it all. */
  sinceMs: v.optional(v.number()),
  /** The number of the last event that the client has: what comes after it is due, whenever it was logged. */
  after: v.optional(v.number()),
  /** Whether the subscription's initial state is due before that. */
  initialDue: v.optional(v.boolean()),
})
export type Position = Readonly<v.InferOutput<typeof position>>

/** How far a replay has got. Posted means accepted by API Gateway: the position stays until the client has been heard from after `atMs`. */
const progress = v.object({
  /** The number that the position stands for: what comes after it is due. */
  from: v.number(),
  /** The number of the last event that needs no more posts. */
  upTo: v.number(),
  /** Publishers that said before this that they serve an event late are taken into account. */
  lateSinceMs: v.optional(v.number()),
  atMs: v.number(),
  /** Whether the subscription is in the index again, and has everything. */
  isDone: v.boolean(),
})
export type Progress = Readonly<v.InferOutput<typeof progress>>

const cursorItem = v.object({
  ...position.entries,
  operation: v.custom<OperationHash>((value) => typeof value === 'string'),
  /** When the subscription began that is to be resumed, on whichever connection that was. */
  beganAtMs: v.number(),
  /** The connection that is given what is due. */
  target: v.optional(v.string()),
  progress: v.optional(progress),
  /** How often in a row its connection was cut off because it did not take what was posted, without a replay that was done. */
  stalls: v.optional(v.number()),
  /** Another one each time that it is written. */
  version: v.string(),
})

/** Answers "from where?" for one subscription: the item is the only one that does. */
export interface Cursor extends Readonly<v.InferOutput<typeof cursorItem>> {
  /** The hash key that it stands under: of a session, or a connection without one. */
  readonly owner: string
  readonly operationId: OperationId
}

/** A subscription, as a cursor is kept of it. */
export type Resumable = Pick<Subscriber, 'operationId' | 'operation'> & { readonly beganAtMs: number }

/** A subscription whose connection is over, with the cursor that the connection itself had, if there was one. */
export interface CutSubscription extends Resumable {
  readonly own?: Cursor | undefined
}

/** Where the subscriptions of a client have to go on: docs/reference/data-model.md. */
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

export interface CursorsOptions extends TableAndClock {
  /** How long a cursor is kept: as long as the log keeps what was published. */
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

  /** Writes what follows from the cursor that was found. @returns undefined if another write came before */
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

/** What an item of the clients table says; undefined if it is no cursor, or has expired. */
export function toCursor(item: AttributeMap, nowMs: number): Cursor | undefined {
  const operationId = cursorOf(textOf(item, 'id'))
  if (operationId === undefined || Number(textOf(item, 'ttl')) <= nowMs / 1000) return undefined
  return { owner: textOf(item, 'connectionId'), operationId, ...v.parse(cursorItem, fromAttributeMap(item)) }
}
