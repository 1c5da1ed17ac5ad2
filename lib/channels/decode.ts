import type { StandardSchemaV1 } from '@standard-schema/spec'

/** An event that cannot be published or received as it is. The message names the member, what was expected, and what it is. */
export class InvalidEvent extends Error {
  override readonly name = 'InvalidEvent'
}

/** Checks an event's data by its channel's schema, and gives what that makes of it. Throws an InvalidEvent. */
export async function decode<Data>(
  channel: string,
  schema: StandardSchemaV1<unknown, Data> | undefined,
  data: unknown,
): Promise<Data> {
  if (!schema) return data as Data // without a schema, the publisher's type is all that is known
  const result = await schema['~standard'].validate(data)
  if (!result.issues) return result.value
  throw new InvalidEvent(
    `The data of an event of channel "${channel}" is not what its schema asks for: ${result.issues.map(describe).join(' ')}`,
  )
}

function describe({ message, path = [] }: StandardSchemaV1.Issue): string {
  const member = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  const sentence = message.endsWith('.') ? message : `${message}.`
  return member === '' ? sentence : `"${member}": ${sentence}`
}
