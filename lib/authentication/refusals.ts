import { GraphQLError } from 'graphql'

/** Why an operation does not run that came without a token. */
export function unauthenticated(
  message = 'This needs a token: send it with connection_init, with $connect, or as the bearer of an HTTP request.',
): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } })
}

/** How long a client should wait before it asks again: the issuer's keys are asked for again with each token. */
export const retryAfterSeconds = 5

/** Why an operation does not run, or nobody is let in, while tokens cannot be checked. */
export function issuerUnreachable(): GraphQLError {
  return new GraphQLError('Tokens cannot be checked at the moment: try again in a few seconds.', {
    extensions: { code: 'SERVICE_UNAVAILABLE' },
  })
}

/** Why a `connection_init` is refused that shows the token of another user than the connection has shown before. */
export const otherUser = 'This connection belongs to another user: connect again to change the user.'

/** Why a topic or a room is not for this user. */
export function forbidden(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } })
}
