import * as v from 'valibot'
import { type AttributeMap, fromAttributeMap } from '../aws/attribute-values'
import type { Topic } from '../operations/topic'

/** An event with an id, which is the same whenever and however often SNS brings it. */
export const identifiedEvent = v.looseObject({ id: v.pipe(v.string(), v.minLength(1)) })

export type IdentifiedEvent = Readonly<v.InferOutput<typeof identifiedEvent>>

/** An event as subscribers get it: with its number in the log. */
export interface NumberedEvent extends IdentifiedEvent {
  readonly sequence: number
}

/** What is to be logged. */
export interface Publication {
  /** The first one is also the name of the log that the event belongs to; at least one. */
  readonly topics: readonly Topic[]
  readonly event: IdentifiedEvent
}

/** An event in the log, and what it was published to. */
export interface LogEntry {
  readonly event: NumberedEvent
  readonly topics: readonly Topic[]
  readonly publishedAtMs: number
  /** Epoch seconds after which it counts as gone. */
  readonly ttl: number
}

const entryItem = v.object({
  sequence: v.number(),
  event: v.pipe(v.string(), v.parseJson(), identifiedEvent),
  topics: v.array(v.custom<Topic>((topic) => typeof topic === 'string')),
  publishedAtMs: v.number(),
  ttl: v.number(),
})

/** Reads an item of the messages table. Throws a ValiError if it is no entry. */
export function toLogEntry(item: AttributeMap): LogEntry {
  const { sequence, event, ...rest } = v.parse(entryItem, fromAttributeMap(item))
  return { event: { ...event, sequence }, ...rest }
}

/** The number of an item of the messages table under its name; undefined if there is no such item or attribute. */
export function numberOf(item: AttributeMap | undefined, name: string): number | undefined {
  const value = item?.[name]
  return value && 'N' in value ? Number(value.N) : undefined
}
