import * as v from 'valibot'
import type { Topic } from '../operations/topic'

const schema = v.object({
  topics: v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1)),
  event: v.unknown(),
})

/** A source event and the topics that it belongs to: what goes over the SNS topic of messages. */
export interface Publication {
  readonly topics: readonly Topic[]
  readonly event: unknown
}

/** Reads a publication from an SNS message. Throws a ValiError that names what is wrong with it. */
export function parsePublication(message: string): Publication {
  const { topics, event } = v.parse(schema, JSON.parse(message))
  return { topics: topics as unknown as readonly Topic[], event }
}
