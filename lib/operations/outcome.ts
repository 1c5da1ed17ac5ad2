import type { ExecutionResult, GraphQLError } from 'graphql'
import type { OperationRequest } from './request'
import type { Replay, Topic } from './topic'

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
  /** It is a subscription, and these are its topics, its log, and what to run against each event. */
  | {
      readonly kind: 'subscribed'
      readonly topics: readonly Topic[]
      readonly replay: Replay
      readonly request: OperationRequest
    }
