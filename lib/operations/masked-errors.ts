import { randomUUID } from 'node:crypto'
import { type ExecutionResult, GraphQLError, type GraphQLErrorOptions } from 'graphql'

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

/** Converts a thrown value into an error for the client: a GraphQLError stays as it is, anything else is masked. */
export function maskedError(error: unknown, onError: MaskErrors): GraphQLError {
  if (error instanceof GraphQLError) return masked(error, onError)
  return hide(error instanceof Error ? error : new Error(String(error)), onError)
}

function masked(error: GraphQLError, onError: MaskErrors): GraphQLError {
  const { originalError: cause, nodes = null, path = null } = error
  if (!cause || cause instanceof GraphQLError) return error
  return hide(cause, onError, { nodes, path })
}

/** Reports an error, and returns one that contains nothing but the id of its log line, and its place. */
function hide(error: Error, onError: MaskErrors, place: GraphQLErrorOptions = {}): GraphQLError {
  const id = randomUUID()
  onError(error, id)
  return new GraphQLError(`Internal server error. Reference: ${id}.`, {
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', id },
  })
}
