import * as v from 'valibot'
import { channelEvent } from '../channels/envelope'
import { type Topic, topicName } from '../channels/topic'
import type { WireEvent } from '../channels/wire'
import type { OperationHash, Subscriber } from '../clients/subscriber'
import type { OperationId } from '../operations/request'

const text = v.pipe(v.string(), v.minLength(1))
const operationId = v.custom<OperationId>((value) => v.is(text, value))
const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0))
const operation = v.custom<OperationHash>((value) => v.is(text, value))
const subscriber = v.object({ connectionId: text, operationId, operation })

/** The pages of a topic's subscribers, from one page on. */
const pages = v.object({
  topic: topicName,
  /** Absent for the first page. */
  from: v.optional(v.record(v.string(), v.unknown())),
})
export type Pages = Readonly<v.InferOutput<typeof pages>>

const assignment = v.object({
  event: channelEvent,
  /** The topics that the event was published to. */
  topics: v.pipe(v.tupleWithRest([topicName], topicName), v.readonly()),
  /**
   * The topic under which the event is logged, or will be if it has no `sequence` yet; undefined on an ephemeral
   * channel.
   */
  log: v.optional(topicName),
  /** Set once an event of an ordered channel has had its turn: the key under which a newer event supersedes it. */
  latest: v.optional(topicName),
  /** The id of the request that led to the event. It appears in each log line about the event. */
  correlationId: v.optional(v.string()),
  /** When that request was accepted, in ISO 8601. The time to delivery is measured from there. */
  requestedAt: v.optional(v.string()),
  cursors: v.pipe(v.array(pages), v.readonly()),
  /** Recipients that an earlier invocation could not serve. */
  recipients: v.pipe(v.array(subscriber), v.readonly()),
  /** The number of invocations that failed to serve them. */
  round: wholeNumber,
  /** Epoch milliseconds until which an earlier invocation has marked the event as being served: see `LateMarks`. */
  servedUntilMs: v.optional(v.number()),
})

/** The deliveries that one invocation of the publisher is to make. */
export type Assignment = Readonly<v.InferOutput<typeof assignment>>

const replayTask = v.object({
  replay: subscriber,
  /**
   * When the `start` was received. It excludes an earlier subscription with the same id. Earlier versions did not set
   * it.
   */
  receivedAtMs: v.optional(v.number(), 0),
  /** The owner of the cursor; undefined if the connection itself owns it. */
  session: v.optional(text),
  /** The result of the initial state. It is posted first, if the cursor says that it is due. */
  first: v.optional(v.unknown()),
  /** The number of consecutive invocations that posted nothing. */
  idleRounds: v.optional(wholeNumber),
})

/** A request to replay the events that are due to a subscription, after its cursor. */
export type ReplayTask = Readonly<v.InferOutput<typeof replayTask>>

/** What an SNS message asks a publisher to do. */
export type Task = Assignment | ReplayTask

/**
 * Parses a message that another function has handed on: a replay, or the remainder of a publication. Undefined for any
 * other message.
 */
export function parseHandedOn(message: unknown): Task | undefined {
  if (typeof message !== 'object' || message === null || 'channel' in message) return undefined // an event
  if ('replay' in message) return v.parse(replayTask, message)
  return 'cursors' in message ? v.parse(assignment, message) : undefined
}

/** All the work for an event: to log it, and to deliver it to every subscriber of each of its topics. */
export function assignmentOf(event: WireEvent, publishedAtMs: number): Assignment {
  const { channel, topics, isLogged, id, data, complete, correlationId, requestedAt } = event
  const completion = complete && { atMs: publishedAtMs, ...(complete !== true && complete) }
  return {
    event: { id, channel: channel.name, publishedAtMs, data, ...(completion && { completion }) },
    topics,
    log: isLogged ? topics[0] : undefined,
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

/** SNS accepts 256 KiB ("Amazon SNS message quotas"). The difference covers what is not counted here. */
const maxMessageBytes = 250_000

/**
 * Splits an assignment, which has recipients or pages, into messages that each fit into SNS. Each carries the event. If
 * an event leaves no room for a recipient, SNS rejects it, as it did when it was published.
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
  return batches.map((recipients) => ({ ...assignment, recipients }))
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
