import { GraphQLError } from 'graphql'

/** The error for an operation without a token where one is required. */
export function unauthenticated(
  message = 'A token is required: send it with connection_init or $connect, or as the bearer token of an HTTP request.',
): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } })
}

/** How long a client should wait before a retry. Each token triggers another attempt to fetch the issuer's keys. */
export const retryAfterSeconds = 5

/** The error for an operation or a connection while tokens cannot be verified. */
export function issuerUnreachable(): GraphQLError {
  return new GraphQLError('Tokens cannot be checked at the moment: try again in a few seconds.', {
    extensions: { code: 'SERVICE_UNAVAILABLE' },
  })
}

/** The reason for refusing a `connection_init` with a token of another user than before. */
export const otherUser = 'This connection belongs to another user: connect again to change the user.'

/** The error for a user who may not access a topic. */
export function forbidden(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } })
}
