import { randomUUID } from 'node:crypto'
import { checkComplete, type Complete } from './completion'
import type { ChannelDefinition } from './definition'
import { anyTagTopic, channelTopic, distinctTags, keyParts, kindOf, taggedTopic, type Keys, type Topic } from './topic'

export interface EventOptions {
  /** Up to 10, by which subscriptions may select. */
  readonly tags?: readonly string[]
  /** The same id is the same event, logged once; a new one each time if left out. */
  readonly id?: string
  /** Put on each line of the log on the event's way. */
  readonly correlationId?: string
  /** When the request was accepted that led to the event: the metric TimeToDelivery counts from there. */
  readonly requestedAt?: Date
}

export interface CompletionOptions extends EventOptions {
  /** Only subscriptions that select one of these tags; every subscription under the key if left out. */
  readonly tags?: readonly string[]
  /** Only subscriptions of connections that have shown a token with this `sub`. */
  readonly user?: string
}

export interface PublicationParts extends EventOptions {
  readonly channel: ChannelDefinition
  readonly keys: Keys
  readonly data?: unknown
  /** In place of data. */
  readonly complete?: Complete
}

const maxEventTags = 10

/** An event, or a completion, that is to be published. As JSON it has the form of the wire: lib/event.schema.json. */
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
    topicsOf(channel.name, this) // which refuses what is too long
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

/** What an event is published to: its key, under which it is logged, and the key with each of its tags. */
export function topicsOf(
  channel: string,
  { keys, tags }: { readonly keys: readonly string[]; readonly tags: readonly string[] },
): readonly [Topic, ...Topic[]] {
  const key = channelTopic(channel, keys)
  return [key, ...tags.map((tag) => taggedTopic(key, tag))]
}

/** Where the subscriptions are listed that a completion ends: all under a key, or those that select one of some tags. */
export function completedTopics(
  channel: string,
  { keys, tags }: { readonly keys: readonly string[]; readonly tags: readonly string[] },
): readonly [Topic, ...Topic[]] {
  const [key, first, ...more] = topicsOf(channel, { keys, tags })
  return first === undefined ? [key, anyTagTopic(key)] : [first, ...more]
}

/** The tags of an event, each once. Throws a TypeError that says what was expected. */
export function checkEventTags(tags: unknown, { name, ordered }: ChannelDefinition): readonly string[] {
  const distinct = distinctTags(tags)
  if (ordered && distinct.length > 0) throw new TypeError(noTagsOn(name))
  if (distinct.length <= maxEventTags) return distinct
  throw new TypeError(`Expected "tags" to hold at most ${maxEventTags} tags, got ${distinct.length}.`)
}

/** An event with one tag would take the place of one with another, whose subscriptions it does not reach. */
export function noTagsOn(channel: string): string {
  return `Expected no "tags" on channel "${channel}", which is ordered: make what selects a part of its keys.`
}

/** An event's id. Throws a TypeError that says what was expected. */
export function checkId(id: unknown): string {
  if (typeof id !== 'string') throw new TypeError(`Expected "id" to be a string, got ${kindOf(id)}.`)
  if (!id.isWellFormed()) throw new TypeError('Expected "id" to be well-formed Unicode.')
  const bytes = Buffer.byteLength(id)
  if (bytes >= 1 && bytes <= 1_024) return id // a range key has at most 1,024 bytes
  throw new TypeError(`Expected "id" to have 1 to 1,024 bytes, got ${bytes}.`)
}
