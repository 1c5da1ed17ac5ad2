import * as v from 'valibot'
import type { Topic } from '../operations/topic'

const schema = v.object({
  topics: v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1)),
  event: v.unknown(),
  correlationId: v.optional(v.string()),
  sentAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
})

/** A source event and the topics that it belongs to: what goes over the SNS topic of messages. */
export interface Publication {
  readonly topics: readonly Topic[]
  readonly event: unknown
  /** The id of the message that a user sent: on every line of the log on its way. */
  readonly correlationId?: string | undefined
  /** When that message was accepted, in ISO 8601: where the time to delivery begins. */
  readonly sentAt?: string | undefined
}

/** Reads a publication from an SNS message. Throws a ValiError that names what is wrong with it. */
export function parsePublication(message: string): Publication {
  const { topics, ...rest } = v.parse(schema, JSON.parse(message))
  return { topics: topics as unknown as readonly Topic[], ...rest }
}
