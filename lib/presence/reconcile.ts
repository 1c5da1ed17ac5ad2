import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { numberOf, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import type { SendToQueue } from '../aws/sqs-queue'
import type { Topic } from '../channels/topic'
import { roomKey } from '../clients/keys'
import { type Change, checkSeconds } from './changes'
import {
  createRooms,
  keptSeconds,
  type Listing,
  type Member,
  type Present,
  presentOf,
  type Rooms,
  type RoomState,
} from './room'

export interface Reconciling extends TableAndClock {
  /** Sends a state to everyone in a room. Resolves once it was posted or, where that takes long, handed on. */
  readonly publish: (topic: Topic, present: Present) => Promise<void>
  /** Sends a message to the queue of changes, with a delay. */
  readonly later: SendToQueue
  /** Waits for less than a second. */
  readonly pause?: (ms: number) => Promise<unknown>
}

/**
 * Limits a room to 30 states a minute, three of them in quick succession: each takes 2.2 s of its time, and the room
 * may be ahead of it by two (GCRA, a leaky bucket).
 */
const pace = { everyMs: 2_200, aheadMs: 2 * 2_200 } as const

/** Maximum pause between two looks at the turn. */
const lookMs = 500

/**
 * After a turn that took longer, the next message of a change does not take a turn that is not completed: it arrives
 * within seconds, when the function that has the turn is probably still at it. If that function fails or dies, SQS
 * delivers its message again, a minute after it had received it. It took the turn later than that, by up to some
 * seconds, so what arrives half a minute after the turn is such a message.
 */
const quickMs = 1_000
const stillAtItMs = 30_000

/** Maximum number of listed members. With 256 bytes each they fit in 32 KB, which API Gateway counts as one message. */
const maxListed = 100

/**
 * Reads a room after a change, and sends its state if it differs from the last one that was sent. Idempotent, and safe
 * to run concurrently for the same room. If it throws or the process dies, the same message must be delivered again.
 * SQS does that after a minute, the time-out of the function. The change's next message makes good for it earlier: the
 * first two are sent together, and a third if the first comes too early for a read.
 */
export async function reconcile(change: Change, reconciling: Reconciling): Promise<void> {
  const rooms = createRooms(reconciling)
  const { topic, checks } = change
  const turn = await takeTurn(change, { ...reconciling, rooms })
  if (!turn) return

  const { readAtMs } = turn
  const last = await rooms.stateOf(topic)
  const listing = await rooms.list(topic)
  const state = listedState(listing, readAtMs)
  const isDue = turn.repeats || checks !== undefined || !isSame(state, last)
  if (isDue && (await rooms.put(topic, state))) {
    await reconciling.publish(topic, presentOf(state, last))
    if (state.count > 0)
      await reconciling.later(
        { topic, id: randomUUID(), settledAtMs: readAtMs, checks: readAtMs } satisfies Change,
        checkSeconds,
      )
  }
  const done = { isDone: true, tookMs: (reconciling.now ?? Date.now)() - readAtMs }
  await reconciling.table.update(roomKey(topic, 'turn'), { set: done }, where`readAtMs = ${readAtMs}`)
  await reconciling.table.deleteAll(listing.departed)
}

/** The right to read a room. Best effort: two functions can have a turn at once, each with its own `readAtMs`. */
interface Turn {
  /** Time of the state, in epoch milliseconds. */
  readonly readAtMs: number
  /** Whether the previous turn was not completed. Its state may not have been sent, so this one is always sent. */
  readonly repeats: boolean
}

/**
 * Waits for the turn, for less than `pace.everyMs`. The first message of a change does not wait, because the second one
 * arrives a second later. It sends a third, which stands in for the second.
 *
 * @returns undefined if the room was read since the change, or if it is left to the second message or to the function
 * that has the turn
 */
async function takeTurn(
  change: Change,
  { table, rooms, later, now = Date.now, pause = sleep }: Reconciling & { readonly rooms: Rooms },
): Promise<Turn | undefined> {
  const { topic, id, attempt, settledAtMs, checks } = change
  const isSeenBy = async (lastMs: number) =>
    checks === undefined ? lastMs >= settledAtMs : (await rooms.stateOf(topic)).readAtMs !== checks
  const key = roomKey(topic, 'turn')
  for (;;) {
    const found = await table.get(key)
    const nowMs = now()
    const last = found && {
      readAtMs: numberOf(found, 'readAtMs') ?? 0,
      paidUntilMs: numberOf(found, 'paidUntilMs') ?? 0,
      isMine: textOf(found, 'change') === id,
      isDone: found['isDone'] !== undefined,
      tookMs: numberOf(found, 'tookMs') ?? 0,
    }
    // If another function is still reading the room and dies, the messages of its change make good for it.
    if (last && (last.isDone || !last.isMine) && (await isSeenBy(last.readAtMs))) return undefined
    if (last && !last.isDone && last.isMine && last.tookMs > quickMs && nowMs < last.readAtMs + stillAtItMs)
      return undefined
    const waitMs = last && !last.isMine ? last.paidUntilMs - pace.aheadMs - nowMs : 0
    if (waitMs > 0) {
      if (attempt === 1) {
        await later({ ...change, attempt: 3 } satisfies Change, 2)
        return undefined
      }
      await pause(Math.min(waitMs, lookMs))
      continue
    }
    const readAtMs = Math.max(nowMs, (last?.readAtMs ?? 0) + 1)
    const paidUntilMs = Math.max(nowMs, last?.paidUntilMs ?? 0) + pace.everyMs
    const ttl = Math.floor(nowMs / 1_000) + keptSeconds
    const isFree = last ? where`readAtMs = ${last.readAtMs}` : where`attribute_not_exists(id)`
    const changes = { set: { readAtMs, paidUntilMs, change: id, ttl }, remove: ['isDone'] }
    if (await table.update(key, changes, isFree)) return { readAtMs, repeats: last?.isDone === false }
  }
}

function listedState({ members }: Listing, readAtMs: number): RoomState {
  const listed = members.size > maxListed ? null : [...members.values()].sort(byId)
  return { readAtMs, count: members.size, members: listed }
}

function isSame(state: RoomState, last: RoomState): boolean {
  return state.count === last.count && JSON.stringify(state.members) === JSON.stringify(last.members)
}

function byId(a: Member, b: Member): number {
  return a.id < b.id ? -1 : 1
}
