import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Listening } from '../channels/topic-source'
import type { JsonObject, OperationRequest } from './request'

/** What comes of running an operation. */
export type OperationOutcome =
  /** It is not GraphQL. */
  | { readonly kind: 'syntaxError'; readonly error: GraphQLError }
  /** It is GraphQL, but not of this schema, or over a limit. Nothing was executed. */
  | { readonly kind: 'invalid'; readonly errors: readonly GraphQLError[] }
  /** It does not hold the operation that was named, or several and none was named. Nothing was executed. */
  | { readonly kind: 'unidentified'; readonly errors: readonly GraphQLError[] }
  /** It was executed, with whatever errors; or it is a subscription that its resolver refused. */
  | { readonly kind: 'result'; readonly result: ExecutionResult }
  /** It is a subscription: where it listens, and what to run against each event. */
  | {
      readonly kind: 'subscribed'
      readonly listening: Listening
      readonly request: OperationRequest
      /** Those variables that an event's result depends on: not what only chooses where to listen. */
      readonly eventVariables: JsonObject
    }
