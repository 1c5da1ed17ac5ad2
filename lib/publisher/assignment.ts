import * as v from 'valibot'
import type { Topic } from '../channels/topic'
import type { WireEvent } from '../channels/wire'
import type { OperationHash, Subscriber } from '../clients/subscriber'
import type { OperationId } from '../operations/request'

const text = v.pipe(v.string(), v.minLength(1))
const topic = v.custom<Topic>((value) => v.is(text, value))
const operationId = v.custom<OperationId>((value) => v.is(text, value))
const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0))
const operation = v.custom<OperationHash>((value) => v.is(text, value))
const subscriber = v.object({ connectionId: text, operationId, operation })

/** A topic's subscribers from one page on. */
const pages = v.object({
  topic,
  /** Absent for the first page. */
  from: v.optional(v.record(v.string(), v.unknown())),
})
export type Pages = Readonly<v.InferOutput<typeof pages>>

const assignment = v.object({
  event: v.object({
    id: text,
    channel: text,
    publishedAtMs: v.number(),
    sequence: v.optional(wholeNumber),
    data: v.unknown(),
    completion: v.optional(v.object({ atMs: v.number(), user: v.optional(text) })),
  }),
  /** What the event was published to. */
  topics: v.pipe(v.tupleWithRest([topic], topic), v.readonly()),
  /** The topic under which it is logged, or is to be if it has no `sequence` yet; undefined if its channel has no log. */
  log: v.optional(topic),
  /** Of an ordered channel's event that has not taken its turn: what `LatestEvents.turnOf` needs to know. */
  turn: v.optional(v.object({ key: topic, maxPerSecond: v.optional(v.number()) })),
  /** The key of which a newer event takes the place of this one, once that has had its turn. */
  latest: v.optional(topic),
  /** The id of the request that led to the event: on every line of the log on its way. */
  correlationId: v.optional(v.string()),
  /** When that was accepted, in ISO 8601: where the time to delivery begins. */
  requestedAt: v.optional(v.string()),
  cursors: v.pipe(v.array(pages), v.readonly()),
  /** Those whom an earlier invocation could not serve. */
  recipients: v.pipe(v.array(subscriber), v.readonly()),
  /** How many invocations have failed to. */
  round: wholeNumber,
  /** Until when another invocation has marked the event as being served, in epoch milliseconds: see `LateMarks`. */
  servedUntilMs: v.optional(v.number()),
})

/** What one invocation of the publisher is to deliver, and to whom. */
export type Assignment = Readonly<v.InferOutput<typeof assignment>>

const replayTask = v.object({
  replay: subscriber,
  /** Of the `start`: a subscription with the same id that began before is not meant. Earlier versions did not say. */
  receivedAtMs: v.optional(v.number(), 0),
  /** Where the cursor stands: under the connection if it has no session. */
  session: v.optional(text),
  /** The result of its initial state, which is posted before anything else if the cursor says that it is due. */
  first: v.optional(v.unknown()),
  /** How many invocations in a row have posted nothing for it. */
  idleRounds: v.optional(wholeNumber),
})

/** A subscription that is to be given what is due after its cursor. */
export type ReplayTask = Readonly<v.InferOutput<typeof replayTask>>

/** What an SNS message asks a publisher to do. */
export type Task = Assignment | ReplayTask

/** Reads what another function has handed on: a replay, or the rest of a publication. Undefined if it is neither. */
export function parseHandedOn(message: unknown): Task | undefined {
  if (typeof message !== 'object' || message === null || 'channel' in message) return undefined // an event
  if ('replay' in message) return v.parse(replayTask, message)
  return 'cursors' in message ? v.parse(assignment, message) : undefined
}

/** The whole work of an event: the log, and every subscriber of each of its topics. */
export function assignmentOf(event: WireEvent, publishedAtMs: number): Assignment {
  const { channel, topics, isLogged, id, data, complete, correlationId, requestedAt } = event
  const completion = complete && { atMs: publishedAtMs, ...(complete !== true && complete) }
  return {
    event: { id, channel: channel.name, publishedAtMs, data, ...(completion && { completion }) },
    topics,
    log: isLogged ? topics[0] : undefined,
    ...(channel.ordered && !completion && { turn: { key: topics[0], maxPerSecond: channel.maxPerSecond } }),
    correlationId,
    requestedAt,
    ...everyone(topics),
    round: 0,
  }
}

/** All subscribers of an event. */
export function everyone(topics: readonly Topic[]): Pick<Assignment, 'cursors' | 'recipients'> {
  return { cursors: topics.map((topic) => ({ topic })), recipients: [] }
}

/** SNS takes 256 KiB ("Amazon SNS message quotas"); what is not counted here has its place in the rest. */
const maxMessageBytes = 250_000

/**
 * Cuts an assignment into some that each fit into an SNS message. All have the event, the first one the rest. An event that
 * leaves no room for a recipient is SNS's to refuse, as it was when it was published.
 */
export function cutToMessages(assignment: Assignment): readonly Assignment[] {
  const room = maxMessageBytes - bytesOf({ ...assignment, recipients: [] })
  const batches: Subscriber[][] = [[]]
  let remaining = room
  for (const recipient of assignment.recipients) {
    const bytes = bytesOf(recipient) + 1
    if (bytes > remaining && batches.at(-1)?.length !== 0) {
      batches.push([])
      remaining = room
    }
    batches.at(-1)?.push(recipient)
    remaining -= bytes
  }
  return batches.map((recipients, n) => ({ ...assignment, recipients, ...(n > 0 && { cursors: [] }) }))
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
