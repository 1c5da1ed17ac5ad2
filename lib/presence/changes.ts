import * as v from 'valibot'
import type { SendToQueue } from '../aws/sqs-queue'
import { type Topic, topicName } from '../channels/topic'

/** Delay between a change and the read of the room, in seconds. All changes within it become one event. */
export const gatheringSeconds = 2

/** How long a member stays after its connection has ended. A member that reconnects within this time has not left. */
export const lingeringSeconds = 10

/**
 * An idle room is read again after this time, the longest delay of SQS, and its state is sent to its members. This
 * finds members whose connection ended without `$disconnect`.
 */
export const checkSeconds = 900

const change = v.object({
  topic: topicName,
  /** Time of the change, in epoch milliseconds. */
  atMs: v.number(),
  /** Set for a check of an idle room: the `readAtMs` of the state to check. A newer state makes the check void. */
  checks: v.optional(v.number()),
  /** The id of the SQS message that this is a copy of: the function that received the other may have died. */
  copyOf: v.optional(v.string()),
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
 * Announces a change to a room, now or at `atMs` (epoch milliseconds). Call it before the change is written, so that
 * the room is read even if the function dies in between. Resolves once the announcement is durable. Throws an
 * AwsCallError.
 */
export type Announce = (topic: Topic, atMs?: number) => Promise<void>

export interface Announcing {
  /** Undefined if the API has no rooms. */
  readonly announce?: Announce | undefined
  /** Epoch milliseconds. Default: the system clock. */
  readonly now?: () => number
}

/** If a change takes longer than this, the room may have been read in between. */
const surelyGatheredMs = 200

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
  if (now() - startedMs > surelyGatheredMs) for (const room of rooms) await announce?.(room)
  return result
}

export function announcer(send: SendToQueue, now: () => number = Date.now): Announce {
  return (topic, atMs = now()) =>
    send({ topic, atMs } satisfies Change, gatheringSeconds + Math.floor(Math.max(0, atMs - now()) / 1_000))
}
