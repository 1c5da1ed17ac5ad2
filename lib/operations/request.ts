import type { Brand } from 'valibot'

/** The id that a client gave its operation: well-formed Unicode, not empty. */
export type OperationId = string & Brand<'OperationId'>

export type JsonObject = Readonly<Record<string, unknown>>

/** Whether a value of JSON is an object, which an array is not. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The request of a client, the same in every dialect. */
export interface OperationRequest {
  readonly query: string
  readonly variables: JsonObject | null
  readonly operationName: string | null
  /** Whether each event of a subscription carries its cursor, in `extensions`. */
  readonly withCursors?: true | undefined
}
