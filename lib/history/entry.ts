import * as v from 'valibot'
import { type AttributeMap, fromAttributeMap } from '../aws/attribute-values'
import type { ChannelEvent, Completion } from '../channels/envelope'
import { channelOf, type Topic } from '../channels/topic'

/** What is to be logged. */
export interface LogDraft {
  /** The first one is also the name of the log that the event belongs to. */
  readonly topics: readonly [Topic, ...Topic[]]
  readonly id: string
  readonly data: unknown
  readonly completion?: Completion | undefined
}

/** An event in the log, and what it was published to. */
export interface LogEntry {
  readonly event: ChannelEvent & { readonly sequence: number }
  /** None if it is a completion, which concerns every subscription: `isEnded` tells. */
  readonly topics: readonly Topic[]
  /** Epoch seconds after which it counts as gone. */
  readonly ttl: number
}

const topicName = v.custom<Topic>((topic) => typeof topic === 'string')

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

/** Reads an item of the messages table. Throws a ValiError if it is no entry. */
export function toLogEntry(item: AttributeMap): LogEntry {
  return v.parse(entryItem, fromAttributeMap(item))
}

/** The number of an item of the messages table under its name; undefined if there is no such item or attribute. */
export function numberOf(item: AttributeMap | undefined, name: string): number | undefined {
  const value = item?.[name]
  return value && 'N' in value ? Number(value.N) : undefined
}
