import { isObject } from '../operations/request'
import { checkComplete, type Complete } from './completion'
import { InvalidEvent } from './decode'
import type { ChannelDefinition, Channels } from './definition'
import { checkEventTags, checkId, completedTopics, topicsOf } from './publication'
import { keyParts, kindOf, type Topic } from './topic'

/** An event or a completion in the wire format, as any producer sends it: lib/event.schema.json. */
export interface WireEvent {
  readonly channel: ChannelDefinition
  /** The topics of the event, from its keys and tags. */
  readonly topics: readonly [Topic, ...Topic[]]
  readonly isLogged: boolean
  readonly id: string
  /** Null for a completion. */
  readonly data: unknown
  readonly complete: Complete | undefined
  readonly correlationId: string | undefined
  /** ISO 8601. */
  readonly requestedAt: string | undefined
}

const members = new Set(['channel', 'keys', 'tags', 'id', 'data', 'complete', 'correlationId', 'requestedAt'])

/**
 * Parses an event in the wire format. Throws an InvalidEvent that names the invalid member.
 *
 * @param givenId the id of an event without one; it must be the same each time the same message is delivered
 */
export function parseWireEvent(value: unknown, channels: Channels, givenId: string): WireEvent {
  if (!isObject(value)) throw new InvalidEvent(`Expected an event to be an object, got ${kindOf(value)}.`)
  const unknown = Object.keys(value).find((name) => !members.has(name))
  if (unknown !== undefined) {
    throw new InvalidEvent(`Expected an event to have only the members ${[...members].join(', ')}, got "${unknown}".`)
  }
  const { channel: name, keys: givenKeys, tags: givenTags = [], id = givenId, correlationId, requestedAt } = value
  if ((value['data'] === undefined) === (value['complete'] === undefined)) {
    throw new InvalidEvent('Expected an event to have either "data" or "complete".')
  }
  try {
    const channel = channelNamed(name, channels)
    const [keys, tags] = [keyParts(givenKeys), checkEventTags(givenTags, channel)]
    const complete = value['complete'] === undefined ? undefined : checkComplete(value['complete'])
    return {
      channel,
      topics: (complete ? completedTopics : topicsOf)(channel.name, { keys, tags }),
      isLogged: channel.log && (!complete || (complete === true && tags.length === 0)),
      id: checkId(id),
      data: value['data'] ?? null,
      complete,
      correlationId: optionalText('correlationId', correlationId),
      requestedAt: checkTime(optionalText('requestedAt', requestedAt)),
    }
  } catch (error) {
    throw error instanceof TypeError ? new InvalidEvent(error.message) : error
  }
}

function channelNamed(name: unknown, channels: Channels): ChannelDefinition {
  const channel = typeof name === 'string' ? channels.get(name) : undefined
  if (channel) return channel
  const got = typeof name === 'string' ? JSON.stringify(name.slice(0, 64)) : kindOf(name)
  throw new InvalidEvent(`Expected "channel" to be one of ${[...channels.keys()].join(', ')}, got ${got}.`)
}

function optionalText(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw new InvalidEvent(`Expected "${name}" to be a string, got ${kindOf(value)}.`)
}

function checkTime(time: string | undefined): string | undefined {
  if (time === undefined || !Number.isNaN(Date.parse(time))) return time
  throw new InvalidEvent('Expected "requestedAt" to be a time in ISO 8601.')
}
