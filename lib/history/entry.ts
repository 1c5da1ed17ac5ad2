import * as v from 'valibot'
import { type AttributeMap, fromAttributeMap } from '../aws/attribute-values'
import type { ChannelEvent, Completion } from '../channels/envelope'
import { channelOf, type Topic, topicName } from '../channels/topic'

/** An event to log. */
export interface LogDraft {
  /** The first topic also identifies the log. */
  readonly topics: readonly [Topic, ...Topic[]]
  readonly id: string
  readonly data: unknown
  readonly completion?: Completion | undefined
}

/** A logged event and its topics. */
export interface LogEntry {
  readonly event: ChannelEvent & { readonly sequence: number }
  /** Empty for a completion, which concerns every subscription: see `isEnded`. */
  readonly topics: readonly Topic[]
  /** Epoch seconds at which the entry expires. */
  readonly ttl: number
}

const entryItem = v.pipe(
  v.object({
    sequence: v.number(),
    eventId: v.string(),
    event: v.pipe(v.string(), v.parseJson()),
    topics: v.tupleWithRest([topicName], topicName),
    publishedAtMs: v.number(),
    completedAtMs: v.optional(v.number()),
    ttl: v.number(),
  }),
  v.transform(({ eventId: id, event: data, topics, completedAtMs, ttl, ...numbers }): LogEntry => {
    const event = { id, channel: channelOf(topics[0]), data, ...numbers }
    if (completedAtMs === undefined) return { event, topics, ttl }
    return { event: { ...event, completion: { atMs: completedAtMs } }, topics: [], ttl }
  }),
)

/** Parses an item of the messages table. Throws a ValiError if it is not an entry. */
export function toLogEntry(item: AttributeMap): LogEntry {
  return v.parse(entryItem, fromAttributeMap(item))
}
