import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Listening } from '../channels/topic-source'
import type { JsonObject } from './request'

/** The outcome of running an operation. */
export type OperationOutcome =
  /** The document cannot be parsed. */
  | { readonly kind: 'syntaxError'; readonly error: GraphQLError }
  /** The document is invalid for the schema, or exceeds a limit. Nothing was executed. */
  | { readonly kind: 'invalid'; readonly errors: readonly GraphQLError[] }
  /** The document lacks the named operation, or has several and none was named. Nothing was executed. */
  | { readonly kind: 'unidentified'; readonly errors: readonly GraphQLError[] }
  /** The operation was executed, possibly with errors, or a resolver refused the subscription. */
  | { readonly kind: 'result'; readonly result: ExecutionResult }
  /** The operation is a subscription to topics. */
  | {
      readonly kind: 'subscribed'
      readonly listening: Listening
      /** The variables that an event's result depends on, without those that only select events. */
      readonly eventVariables: JsonObject
    }
