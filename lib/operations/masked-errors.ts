import { randomUUID } from 'node:crypto'
import { type ExecutionResult, GraphQLError } from 'graphql'

/** Receives an error that the client must not see, and the id that the client sees instead. */
export type MaskErrors = (error: Error, id: string) => void

/**
 * Removes secrets from the errors of a result. A GraphQLError is meant for the client. Any other error of a resolver
 * may mention tables, hosts and tokens: the client receives a general message with an id, and `onError` the error with
 * the same id.
 */
export function withoutSecrets(result: ExecutionResult, onError: MaskErrors): ExecutionResult {
  return result.errors ? { ...result, errors: result.errors.map((error) => masked(error, onError)) } : result
}

/** An error that contains nothing but the id of a log line. */
export function internalError(id: string): GraphQLError {
  return new GraphQLError(`Internal server error. Reference: ${id}.`, {
    extensions: { code: 'INTERNAL_SERVER_ERROR', id },
  })
}

/** Converts a thrown value into an error for the client: a GraphQLError stays as it is, anything else is masked. */
export function maskedError(error: unknown, onError: MaskErrors): GraphQLError {
  if (error instanceof GraphQLError) return masked(error, onError)
  const id = randomUUID()
  onError(error instanceof Error ? error : new Error(String(error)), id)
  return internalError(id)
}

function masked(error: GraphQLError, onError: MaskErrors): GraphQLError {
  const cause = error.originalError
  if (!cause || cause instanceof GraphQLError) return error
  const id = randomUUID()
  onError(cause, id)
  const { message, extensions } = internalError(id)
  return new GraphQLError(message, {
    ...(error.nodes && { nodes: error.nodes }),
    ...(error.path && { path: error.path }),
    extensions,
  })
}
