import { randomUUID } from 'node:crypto'
import { checkComplete, type Complete } from './completion'
import type { ChannelDefinition } from './definition'
import { anyTagTopic, channelTopic, distinctTags, keyParts, kindOf, taggedTopic, type Keys, type Topic } from './topic'

export interface EventOptions {
  /** Up to 10 tags, which subscriptions may select. */
  readonly tags?: readonly string[]
  /**
   * Events of a key with the same id are the same event. It is logged once, with its first data, and delivered each
   * time it is published, with the data of that time. Default: a random id.
   */
  readonly id?: string
  /** Appears in each log line about the event. */
  readonly correlationId?: string
  /** When the request that led to the event was accepted. The metric TimeToDelivery starts there. */
  readonly requestedAt?: Date
}

export interface CompletionOptions extends EventOptions {
  /** Ends only subscriptions that select one of these tags. Default: every subscription under the key. */
  readonly tags?: readonly string[]
  /** Ends only subscriptions of connections whose token has this `sub`. */
  readonly user?: string
}

export interface PublicationParts extends EventOptions {
  readonly channel: ChannelDefinition
  readonly keys: Keys
  readonly data?: unknown
  /** Set instead of `data`. */
  readonly complete?: Complete
}

const maxEventTags = 10

/** An event or a completion to publish. `JSON.stringify` produces its wire format: lib/event.schema.json. */
export class Publication {
  readonly channel: ChannelDefinition
  readonly keys: readonly string[]
  readonly tags: readonly string[]
  readonly id: string
  readonly data: unknown
  readonly complete: Complete | undefined
  readonly #correlationId: string | undefined
  readonly #requestedAt: Date | undefined

  constructor(parts: PublicationParts) {
    const { channel, keys, data, complete, tags = [], id = randomUUID(), correlationId, requestedAt } = parts
    this.channel = channel
    this.keys = keyParts(keys)
    this.tags = checkEventTags(tags, channel)
    this.id = checkId(id)
    this.data = data
    this.complete = complete === undefined ? undefined : checkComplete(complete)
    this.#correlationId = correlationId
    this.#requestedAt = requestedAt
    topicsOf(channel.name, this) // throws if a topic is too long
    if (data === undefined && !complete) throw new TypeError('Expected "data" to be a value, got undefined.')
  }

  toJSON() {
    const { keys, tags, id, data, complete } = this
    return {
      channel: this.channel.name,
      keys,
      ...(tags.length > 0 && { tags }),
      id,
      data,
      complete,
      correlationId: this.#correlationId,
      requestedAt: this.#requestedAt,
    }
  }
}

/** The topics of an event: its key, under which it is logged, and its key with each of its tags. */
export function topicsOf(
  channel: string,
  { keys, tags }: { readonly keys: readonly string[]; readonly tags: readonly string[] },
): readonly [Topic, ...Topic[]] {
  const key = channelTopic(channel, keys)
  return [key, ...tags.map((tag) => taggedTopic(key, tag))]
}

/** The topics that list the subscriptions a completion ends: all under a key, or those that select one of some tags. */
export function completedTopics(
  channel: string,
  { keys, tags }: { readonly keys: readonly string[]; readonly tags: readonly string[] },
): readonly [Topic, ...Topic[]] {
  const [key, first, ...more] = topicsOf(channel, { keys, tags })
  return first === undefined ? [key, anyTagTopic(key)] : [first, ...more]
}

/** Returns an event's tags without duplicates. Throws a TypeError that states what was expected. */
export function checkEventTags(tags: unknown, { name, ordered }: ChannelDefinition): readonly string[] {
  const distinct = distinctTags(tags)
  if (ordered && distinct.length > 0) throw new TypeError(noTagsOn(name))
  if (distinct.length <= maxEventTags) return distinct
  throw new TypeError(`Expected "tags" to hold at most ${maxEventTags} tags, got ${distinct.length}.`)
}

/**
 * Ordered channels have no tags: an event with one tag would replace an event with another, although their subscribers
 * differ.
 */
export function noTagsOn(channel: string): string {
  return `Expected no "tags" on channel "${channel}", which is ordered. Make the value a part of the key instead.`
}

/** Checks an event's id. Throws a TypeError that states what was expected. */
export function checkId(id: unknown): string {
  if (typeof id !== 'string') throw new TypeError(`Expected "id" to be a string, got ${kindOf(id)}.`)
  if (!id.isWellFormed()) throw new TypeError('Expected "id" to be well-formed Unicode.')
  const bytes = Buffer.byteLength(id)
  if (bytes >= 1 && bytes <= 1_024) return id // a DynamoDB range key has at most 1,024 bytes
  throw new TypeError(`Expected "id" to have 1 to 1,024 bytes, got ${bytes}.`)
}
