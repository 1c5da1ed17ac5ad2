import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import type { SendToQueue } from '../aws/sqs-queue'
import { type Topic, topicName } from '../channels/topic'

/**
 * Delays of the two messages that announce a change, in seconds. The first usually leads to the read of the room. The
 * second does if the room was read too recently at the first, or if the function that received the first has died.
 */
const announcedAfterSeconds = [1, 2]

/** A read of a room includes the changes that were announced this long before: the index lags behind the table. */
const settledMs = 500

/** How long a member stays after its connection has ended. A member that reconnects within this time has not left. */
export const lingeringSeconds = 10

/**
 * An idle room is read again after this time, the longest delay of SQS, and its state is sent to its members. This
 * finds members whose connection ended without `$disconnect`.
 */
export const checkSeconds = 900

const change = v.object({
  topic: topicName,
  /** The same in all messages of a change. */
  id: v.string(),
  /** The number of the message among those of the change, from 1. A check of an idle room has none. */
  attempt: v.optional(v.number()),
  /** A read of the room from then on, in epoch milliseconds, includes the change. */
  settledAtMs: v.number(),
  /** Set for a check of an idle room: the `readAtMs` of the state to check. A newer state makes the check void. */
  checks: v.optional(v.number()),
})

/** A message that requests a read of a room: a member has joined or left, or a check is due. */
export type Change = Readonly<v.InferOutput<typeof change>>

const message = v.object({ messageId: v.string(), body: v.pipe(v.string(), v.parseJson(), change) })
const messages = v.object({ Records: v.pipe(v.array(message), v.minLength(1)) })

/** Extracts the queue's messages from a function's input; undefined if the input is not from the queue. */
export function changesIn(input: unknown): v.InferOutput<typeof messages>['Records'] | undefined {
  const parsed = v.safeParse(messages, input)
  return parsed.success ? parsed.output.Records : undefined
}

/**
 * Announces a change to a room: a write that begins now, or an expiry at `expiresAtMs` (epoch milliseconds). Call it
 * before the write, so that the room is read even if the function dies in between. Resolves once the announcement is
 * durable. Throws an AwsCallError.
 */
export type Announce = (topic: Topic, expiresAtMs?: number) => Promise<void>

export interface Announcing {
  /** Undefined if the API has no rooms. */
  readonly announce?: Announce | undefined
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
}

/** If a change takes longer than this, the room may have been read in between. */
const surelyIncludedMs = 200

/**
 * Announces a change to rooms, none or more, and makes it. If that took so long that a room may have been read in
 * between, announces it again. Throws what `change` throws.
 */
export async function announced<Result>(
  rooms: Iterable<Topic>,
  change: () => Promise<Result>,
  { announce, now = Date.now }: Announcing,
): Promise<Result> {
  const startedMs = now()
  for (const room of rooms) await announce?.(room)
  const result = await change()
  if (now() - startedMs > surelyIncludedMs) for (const room of rooms) await announce?.(room)
  return result
}

export function announcer(send: SendToQueue, now: () => number = Date.now): Announce {
  return async (topic, expiresAtMs) => {
    const change = { topic, id: randomUUID(), settledAtMs: expiresAtMs ?? now() + settledMs }
    const untilExpiry = expiresAtMs === undefined ? 0 : Math.floor((expiresAtMs - now()) / 1_000)
    const sent = announcedAfterSeconds.map((seconds, n) =>
      send({ ...change, attempt: n + 1 } satisfies Change, untilExpiry + seconds),
    )
    await Promise.all(sent)
  }
}
