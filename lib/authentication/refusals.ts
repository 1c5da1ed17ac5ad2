import { GraphQLError } from 'graphql'

/** Why an operation does not run that came without a token. */
export function unauthenticated(
  message = 'This needs a token: send it with connection_init, with $connect, or as the bearer of an HTTP request.',
): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } })
}

/** Why a topic or a room is not for this user. */
export function forbidden(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } })
}
