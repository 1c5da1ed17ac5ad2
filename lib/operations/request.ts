import type { Brand } from 'valibot'

/** The id that a client gave its operation: not empty, any characters that have UTF-8. */
export type OperationId = string & Brand<'OperationId'>

export type JsonObject = Readonly<Record<string, unknown>>

/** What a client asks to have executed: the same in every dialect. */
export interface OperationRequest {
  readonly query: string
  readonly variables: JsonObject | null
  readonly operationName: string | null
  /** Whether each event of a subscription is to come with its cursor, in `extensions`. */
  readonly withCursors?: true | undefined
}
