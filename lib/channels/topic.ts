import * as v from 'valibot'

/** Events are published to topics, and subscriptions listen to topics: the hash key of the clients table's index. */
export type Topic = string & v.Brand<'Topic'>

/** Parses a topic that the core has stored or sent. */
export const topicName = v.custom<Topic>((value) => typeof value === 'string' && value !== '')

/** The parts of one key, not several keys: `'lobby'`, or `['shop-1', 'order-2']`. */
export type Keys = string | readonly string[]

/** A DynamoDB partition key has at most 2,048 bytes ("Supported data types and naming rules"). */
const maxTopicBytes = 2_048

/**
 * Builds the topic of a channel's key, under which its events are logged: `channelTopic('chat', 'lobby')` is
 * `chat#lobby`. The mapping is injective, whatever characters the keys contain. Throws a TypeError that names the
 * invalid part.
 */
export function channelTopic(channel: string, keys: Keys): Topic {
  const parts = keyParts(keys)
  return withinLimit(`${channel}#${parts.map(escape).join('/')}`)
}

/** The topic of the events of a key that have a tag: `chat#lobby#fr`. */
export function taggedTopic(key: Topic, tag: string): Topic {
  return withinLimit(`${key}#${escape(tag)}`)
}

/**
 * The topic that lists every subscription to some tags of a key, whichever tags: `chat#lobby#`. No event is published
 * to it.
 */
export function anyTagTopic(key: Topic): Topic {
  return `${key}#` as Topic
}

/** A topic of the core itself. No channel can have it, because `connections` and `keepalive` are reserved names. */
export function ownTopic(name: ReservedName, part: string): Topic {
  return `${name}#${escape(part)}` as Topic
}

export const reservedNames = ['connections', 'keepalive'] as const

type ReservedName = (typeof reservedNames)[number]

/** The name of the channel that a topic belongs to. */
export function channelOf(topic: Topic): string {
  return topic.slice(0, topic.indexOf('#'))
}

/** The parts of a key as a list. Throws a TypeError that states what was expected. */
export function keyParts(keys: unknown): readonly string[] {
  if (typeof keys === 'string') return [keys]
  if (!Array.isArray(keys))
    throw new TypeError(`Expected "keys" to be a string or a list of strings, got ${kindOf(keys)}.`)
  if (keys.length === 0) throw new TypeError('Expected "keys" to hold at least one part, got an empty list.')
  return keys.map((part: unknown) => {
    if (typeof part === 'string') return part
    throw new TypeError(`Expected each part of "keys" to be a string, got ${kindOf(part)}.`)
  })
}

/** Tags without duplicates. Throws a TypeError that states what was expected. */
export function distinctTags(tags: unknown): readonly string[] {
  if (!Array.isArray(tags)) throw new TypeError(`Expected "tags" to be a list of strings, got ${kindOf(tags)}.`)
  const checked = tags.map((tag: unknown) => {
    if (typeof tag === 'string' && tag !== '') return tag
    throw new TypeError(`Expected each of "tags" to be a string that is not empty, got ${kindOf(tag)}.`)
  })
  return [...new Set(checked)]
}

/** Describes a value in an error message. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (value === '') return 'an empty string'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Escapes only the separators, so that topics stay short and readable. */
function escape(part: string): string {
  return part.replaceAll('%', '%25').replaceAll('#', '%23').replaceAll('/', '%2F')
}

function withinLimit(topic: string): Topic {
  // Half of a surrogate pair has no UTF-8 encoding, so DynamoDB could not tell such keys apart.
  if (!topic.isWellFormed()) throw new TypeError('Expected channel, keys and tag to be well-formed Unicode.')
  const bytes = Buffer.byteLength(topic)
  if (bytes <= maxTopicBytes) return topic as Topic
  throw new TypeError(`Expected channel, keys and tag to have at most ${maxTopicBytes} bytes together, got ${bytes}.`)
}
