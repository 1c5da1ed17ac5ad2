import * as v from 'valibot'
import type { PageKey } from '../aws/table'
import type { Subscriber } from '../clients/subscribers'
import { identifiedEvent, type IdentifiedEvent } from '../history/entry'
import type { Topic } from '../operations/topic'
import type { OperationId } from '../operations/request'

/** A topic's subscribers from one page on. */
export interface Cursor {
  readonly topic: Topic
  /** Absent for the first page. */
  readonly from?: PageKey
}

/** Where an event stands in the log. */
export interface Logged {
  /** The topic that names the log. */
  readonly log: Topic
  readonly sequence: number
  /** When it was put there, in epoch milliseconds: who could not get it was cut by then. */
  readonly atMs: number
}

/** What one invocation of the publisher is to deliver, and to whom. */
export interface Assignment {
  /** With its `sequence` once it is in the log. */
  readonly event: IdentifiedEvent
  /** What the event was published to, if it is still to be put into the log. */
  readonly unlogged?: readonly [Topic, ...Topic[]] | undefined
  /** Where it stands in the log; absent if it is still to be put there. */
  readonly logged?: Logged | undefined
  /** The id of the message that a user sent: on every line of the log on its way. */
  readonly correlationId?: string | undefined
  /** When that message was accepted, in ISO 8601: where the time to delivery begins. */
  readonly sentAt?: string | undefined
  readonly cursors: readonly Cursor[]
  /** Those whom an earlier invocation could not serve. */
  readonly recipients: readonly Subscriber[]
  /** How many invocations have tried in vain. */
  readonly round: number
}

/** A subscription that is to be given what it missed. */
export interface ReplayTask {
  readonly replay: Subscriber
  /** Where it is noted that the subscription was cut. */
  readonly session?: string | undefined
  /** The number of the last event that its client has, if it said so. */
  readonly after?: number | undefined
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

const sequence = v.pipe(v.number(), v.integer(), v.minValue(0))

const subscriber = v.object({ connectionId: text, operationId, operation: text })

const published = {
  event: identifiedEvent,
  correlationId: v.optional(v.string()),
  sentAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
}

const publication = v.pipe(
  v.object({ ...published, topics }),
  v.transform(({ topics: unlogged, ...rest }): Assignment => {
    return { ...rest, unlogged, cursors: unlogged.map((name) => ({ topic: name })), recipients: [], round: 0 }
  }),
)

const handedOn = v.pipe(
  v.object({
    ...published,
    unlogged: v.optional(topics),
    logged: v.optional(v.object({ log: topic, sequence, atMs: v.number() })),
    cursors: v.array(v.object({ topic, from: v.optional(v.record(v.string(), v.unknown())) })),
    recipients: v.array(subscriber),
    round: v.pipe(v.number(), v.integer(), v.minValue(0)),
  }),
  v.transform(({ cursors, ...rest }): Assignment => {
    return { ...rest, cursors: cursors.map(({ topic: name, from }) => ({ topic: name, ...(from && { from }) })) }
  }),
)

const replayTask = v.object({
  replay: subscriber,
  session: v.optional(text),
  after: v.optional(sequence),
  done: v.optional(v.object({ upTo: sequence, note: v.optional(v.string()), lateReadUntilMs: v.number() })),
})

const assignment = v.union([handedOn, publication])
const task = v.union([replayTask, handedOn, publication])

/** Reads what to do from an SNS message: a publication, a replay, or what another publisher has handed on. Throws a ValiError. */
export function parseTask(message: string): Task {
  return v.parse(task, JSON.parse(message))
}

/** Reads a publication, or what another publisher has handed on of one. Throws a ValiError. */
export function parseAssignment(message: string): Assignment {
  return v.parse(assignment, JSON.parse(message))
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
