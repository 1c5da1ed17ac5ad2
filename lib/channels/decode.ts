import type { StandardSchemaV1 } from '@standard-schema/spec'

/**
 * An event is invalid, so it cannot be published or received. The message names the member and states what was expected
 * and what was found.
 */
export class InvalidEvent extends Error {
  override readonly name = 'InvalidEvent'
}

/** Validates an event's data against its channel's schema and returns the schema's output. Throws an InvalidEvent. */
export async function decode<Data>(
  channel: string,
  schema: StandardSchemaV1<unknown, Data> | undefined,
  data: unknown,
): Promise<Data> {
  if (!schema) return data as Data // without a schema, only the publisher's type checks the data
  const result = await schema['~standard'].validate(data)
  if (!result.issues) return result.value
  throw new InvalidEvent(`Invalid data for channel "${channel}". ${result.issues.map(describe).join(' ')}`)
}

function describe({ message, path = [] }: StandardSchemaV1.Issue): string {
  const member = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  const sentence = message.endsWith('.') ? message : `${message}.`
  return member === '' ? sentence : `"${member}": ${sentence}`
}
