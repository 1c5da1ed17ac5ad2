import { setTimeout as sleep } from 'node:timers/promises'
import { textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import type { SendToQueue } from '../aws/sqs-queue'
import type { Topic } from '../channels/topic'
import { roomKey } from '../clients/keys'
import { type Change, checkSeconds, gatheringSeconds } from './changes'
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
  /** The id of the SQS message with the change, which is the same on each delivery. */
  readonly messageId: string
  /** Publishes a state to the members of a room. Resolves once the publication is durable. */
  readonly publish: (topic: Topic, present: Present) => Promise<void>
  /** Sends a change again, with a delay. */
  readonly later: SendToQueue
  /** Waits for less than a second. */
  readonly pause?: (ms: number) => Promise<unknown>
}

/** Assumed lag of the index behind the table. A read of the room includes all changes older than this. */
const settledMs = 500

/** Minimum time between two states of a room: at most 30 states a minute. */
const gatheringMs = gatheringSeconds * 1_000

/** Maximum number of listed members. With 256 bytes each they fit in 32 KB, which API Gateway counts as one message. */
const maxListed = 100

/**
 * Delay of the copy of a message, in seconds. SQS itself delivers a message again after its visibility time-out, which
 * is at least the time-out of the function: a minute.
 */
const copySeconds = 1

/**
 * Reads a room after a change, and publishes its state if it differs from the last one that was sent. Idempotent, and
 * safe to run concurrently for the same room. If it throws or the process dies, the same message must be delivered
 * again. From the turn on, a copy of the message does that after a second.
 */
export async function reconcile(change: Change, reconciling: Reconciling): Promise<void> {
  const rooms = createRooms(reconciling)
  const { topic, checks, copyOf } = change
  const messageId = copyOf ?? reconciling.messageId
  const turn = await takeTurn(change, { ...reconciling, messageId, rooms })
  if (!turn) return

  const { readAtMs } = turn
  // Nobody waits for a check, and a copy has no copy: a room that takes longer to read would be read without end.
  if (checks === undefined && copyOf === undefined)
    await reconciling.later({ ...change, copyOf: messageId } satisfies Change, copySeconds)
  const last = await rooms.stateOf(topic)
  const listing = await rooms.list(topic)
  const state = listedState(listing, readAtMs)
  const isDue = turn.repeats || checks !== undefined || !isSame(state, last)
  if (isDue && (await rooms.put(topic, state))) {
    await reconciling.publish(topic, presentOf(state, last))
    if (state.count > 0)
      await reconciling.later({ topic, atMs: readAtMs, checks: readAtMs } satisfies Change, checkSeconds)
  }
  await reconciling.table.update(roomKey(topic, 'turn'), { set: { isDone: true } }, where`readAtMs = ${readAtMs}`)
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
 * Waits for the turn, for at most 1.5 s: an earlier read missed the change only if it began less than `settledMs` after
 * it, and the message arrives `gatheringSeconds` after the change, or up to a second sooner if a member has departed,
 * because the delay of a message is whole seconds. Only a check can wait longer, for up to `gatheringSeconds`.
 *
 * @returns undefined if the room was read since the change
 */
async function takeTurn(
  { topic, atMs, checks }: Change,
  { table, rooms, messageId, now = Date.now, pause = sleep }: Reconciling & { readonly rooms: Rooms },
): Promise<Turn | undefined> {
  const isSeenBy = async (lastMs: number) =>
    checks === undefined ? lastMs >= atMs + settledMs : (await rooms.stateOf(topic)).readAtMs !== checks
  const key = roomKey(topic, 'turn')
  for (;;) {
    const found = await table.get(key)
    const nowMs = now()
    const last = found && {
      readAtMs: Number(textOf(found, 'readAtMs')),
      isMine: textOf(found, 'messageId') === messageId,
      isDone: found['isDone'] !== undefined,
    }
    // If another function is still reading the room and dies, that function's message is delivered again.
    if (last && (last.isDone || !last.isMine) && (await isSeenBy(last.readAtMs))) return undefined
    const waitMs = last && !last.isMine ? Math.min(last.readAtMs + gatheringMs - nowMs, settledMs) : 0
    if (waitMs > 0) {
      await pause(waitMs)
      continue
    }
    const readAtMs = Math.max(nowMs, (last?.readAtMs ?? 0) + 1)
    const ttl = Math.floor(nowMs / 1_000) + keptSeconds
    const isFree = last ? where`readAtMs = ${last.readAtMs}` : where`attribute_not_exists(id)`
    const changes = { set: { readAtMs, messageId, ttl }, remove: ['isDone'] }
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
