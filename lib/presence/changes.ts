import * as v from 'valibot'
import type { SendToQueue } from '../aws/sqs-queue'
import type { Topic } from '../channels/topic'

/**
 * Who is in a room is read so long after somebody has come or gone, so that all who do within that time are one event.
 */
export const gatheringSeconds = 2

/** A member whose connection has ended stays so long, so that one who comes back meanwhile has never left. */
export const lingeringSeconds = 10

/**
 * An idle room is read again after this time, the longest delay of SQS, and its members are sent its state. This finds
 * members whose connection ended without `$disconnect`.
 */
export const checkSeconds = 900

const change = v.object({
  topic: v.custom<Topic>((value) => typeof value === 'string'),
  /** When it took place, in epoch milliseconds. */
  atMs: v.number(),
  /** Of a check: the state that it is about. Nothing is to be done if there is a newer one. */
  checks: v.optional(v.number()),
})

/** Somebody has come to a room, or gone, or that is to be looked for. */
export type Change = Readonly<v.InferOutput<typeof change>>

const message = v.object({ messageId: v.string(), body: v.pipe(v.string(), v.parseJson(), change) })
const messages = v.object({ Records: v.pipe(v.array(message), v.minLength(1)) })

/** The messages of the queue that a function is invoked with; undefined if it is invoked with something else. */
export function changesIn(input: unknown): v.InferOutput<typeof messages>['Records'] | undefined {
  const parsed = v.safeParse(messages, input)
  return parsed.success ? parsed.output.Records : undefined
}

/**
 * Announces that somebody comes to a room or leaves it, now or at a time, in epoch milliseconds. It comes before the
 * change itself, so that the state is read even if this function dies in between. Resolves once the announcement is
 * durable, and throws an AwsCallError.
 */
export type Announce = (topic: Topic, atMs?: number) => Promise<void>

export function announcer(send: SendToQueue, now: () => number = Date.now): Announce {
  return (topic, atMs = now()) =>
    send({ topic, atMs } satisfies Change, gatheringSeconds + Math.floor(Math.max(0, atMs - now()) / 1_000))
}
