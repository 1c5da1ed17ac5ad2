import * as v from 'valibot'
import type { PageKey } from '../aws/table'
import type { Subscriber } from '../clients/subscribers'
import type { Topic } from '../channels/topic'
import type { WireEvent } from '../channels/wire'
import type { ChannelEvent } from '../channels/envelope'
import type { OperationId } from '../operations/request'

/** A topic's subscribers from one page on. */
export interface Cursor {
  readonly topic: Topic
  /** Absent for the first page. */
  readonly from?: PageKey
}

/** What one invocation of the publisher is to deliver, and to whom. */
export interface Assignment {
  readonly event: ChannelEvent
  /** What the event was published to, if it is still to be put into the log. */
  readonly unlogged?: readonly [Topic, ...Topic[]] | undefined
  /** The topic under which it is logged, once it is. Without either, its channel has no log. */
  readonly log?: Topic | undefined
  /** Of an ordered channel's event that has not taken its turn: what `LatestEvents.turnOf` needs to know. */
  readonly turn?: { readonly key: Topic; readonly maxPerSecond?: number | undefined } | undefined
  /** The key of which a newer event takes the place of this one, once that has had its turn. */
  readonly latest?: Topic | undefined
  /** The id of the request that led to the event: on every line of the log on its way. */
  readonly correlationId?: string | undefined
  /** When that was accepted, in ISO 8601: where the time to delivery begins. */
  readonly requestedAt?: string | undefined
  readonly cursors: readonly Cursor[]
  /** Those whom an earlier invocation could not serve. */
  readonly recipients: readonly Subscriber[]
  /** How many invocations have failed to. */
  readonly round: number
}

/** A subscription that is to be given what it missed. */
export interface ReplayTask {
  readonly replay: Subscriber
  /** Where it is noted that the subscription was cut. */
  readonly session?: string | undefined
  /** The number of the last event that its client has, if it said so. */
  readonly after?: number | undefined
  /** The result of its initial state, which is posted before anything else. */
  readonly first?: unknown
  /** How far another invocation has got. */
  readonly done?: ReplayProgress | undefined
}

/** How far a replay has got. */
export interface ReplayProgress {
  /** The number of the last event that needs no more posts. */
  readonly upTo: number
  /** The note of the cut that it began from: of another one, this is not true. */
  readonly note?: string | undefined
  /** Late readings that were noted before that, in epoch milliseconds, are taken into account. */
  readonly lateReadUntilMs: number
}

/** What an SNS message asks a publisher to do. */
export type Task = Assignment | ReplayTask

/** What nobody will try again by itself, and why: a dead letter. Its form is an assignment's, so it can be sent again as it is. */
export interface Undelivered extends Assignment {
  readonly recipients: readonly (Subscriber & { readonly reason: string })[]
  /** Why the cursors' pages could not be read. */
  readonly reason?: string
}

const text = v.pipe(v.string(), v.minLength(1))
const topic = v.custom<Topic>((value) => v.is(text, value))
const topics = v.tupleWithRest([topic], topic)
const operationId = v.custom<OperationId>((value) => v.is(text, value))
const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0))
const subscriber = v.object({ connectionId: text, operationId, operation: text })

const handedOn = v.pipe(
  v.object({
    event: v.object({
      id: text,
      channel: text,
      publishedAtMs: v.number(),
      sequence: v.optional(wholeNumber),
      data: v.unknown(),
      completion: v.optional(v.object({ atMs: v.number(), user: v.optional(text) })),
    }),
    unlogged: v.optional(topics),
    log: v.optional(topic),
    latest: v.optional(topic),
    correlationId: v.optional(v.string()),
    requestedAt: v.optional(v.string()),
    cursors: v.array(v.object({ topic, from: v.optional(v.record(v.string(), v.unknown())) })),
    recipients: v.array(subscriber),
    round: wholeNumber,
  }),
  v.transform(({ cursors, ...rest }): Assignment => {
    return { ...rest, cursors: cursors.map(({ topic: name, from }) => ({ topic: name, ...(from && { from }) })) }
  }),
)

const replayTask = v.object({
  replay: subscriber,
  session: v.optional(text),
  after: v.optional(wholeNumber),
  first: v.optional(v.unknown()),
  done: v.optional(v.object({ upTo: wholeNumber, note: v.optional(v.string()), lateReadUntilMs: v.number() })),
})

/** Reads what another function has handed on: a replay, or the rest of a publication. Undefined if it is neither. */
export function parseHandedOn(message: unknown): Task | undefined {
  if (typeof message !== 'object' || message === null) return undefined
  if ('replay' in message) return v.parse(replayTask, message)
  return 'cursors' in message ? v.parse(handedOn, message) : undefined
}

/** The whole work of an event: the log, and every subscriber of each of its topics. */
export function assignmentOf(event: WireEvent, publishedAtMs: number): Assignment {
  const { channel, topics, isLogged, id, data, complete, correlationId, requestedAt } = event
  const completion = complete && { atMs: publishedAtMs, ...(complete !== true && complete) }
  return {
    event: { id, channel: channel.name, publishedAtMs, data, ...(completion && { completion }) },
    ...(isLogged && { unlogged: topics }),
    ...(channel.ordered && !completion && { turn: { key: topics[0], maxPerSecond: channel.maxPerSecond } }),
    correlationId,
    requestedAt,
    cursors: topics.map((topic) => ({ topic })),
    recipients: [],
    round: 0,
  }
}

/** SNS takes 256 KiB ("Amazon SNS message quotas"); what is not counted here has its place in the rest. */
const maxMessageBytes = 250_000

/**
 * Cuts an assignment into some that each fit into an SNS message. All have the event, the first one the rest. An event that
 * leaves no room for a recipient is SNS's to refuse, as it was when it was published.
 */
export function cutToMessages<A extends Assignment>(assignment: A): readonly A[] {
  const room = maxMessageBytes - bytesOf({ ...assignment, recipients: [] })
  const batches: Subscriber[][] = [[]]
  let left = room
  for (const recipient of assignment.recipients) {
    const bytes = bytesOf(recipient) + 1
    if (bytes > left && batches.at(-1)?.length !== 0) {
      batches.push([])
      left = room
    }
    batches.at(-1)?.push(recipient)
    left -= bytes
  }
  return batches.map((recipients, n) => ({ ...assignment, recipients, ...(n > 0 && { cursors: [] }) }))
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
