import { randomUUID } from 'node:crypto'
import { type ExecutionResult, GraphQLError } from 'graphql'

/** Told of an error that the client must not see, and of the id that the client is given in its place. */
export type MaskErrors = (error: Error, id: string) => void

/**
 * A result whose errors are fit for a client. A GraphQLError was written for it; anything else that a resolver threw may tell
 * of tables, hosts and tokens: the client gets a sentence and an id, and `onError` the error with the same id.
 */
export function withoutSecrets(result: ExecutionResult, onError: MaskErrors): ExecutionResult {
  return result.errors ? { ...result, errors: result.errors.map((error) => masked(error, onError)) } : result
}

/** An error that says nothing but that it happened, and under which id. */
export function internalError(id: string): GraphQLError {
  return new GraphQLError(`Something went wrong on the server. It is in its log as ${id}.`, {
    extensions: { code: 'INTERNAL_SERVER_ERROR', id },
  })
}

/** What a client may see of whatever was thrown: a GraphQLError as it is, anything else masked. */
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
