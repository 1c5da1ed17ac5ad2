import { GraphQLError } from 'graphql'
import { reasons } from './reasons'

/** The error for an operation without a token where one is required. */
export function unauthenticated(message: string = reasons.tokenRequired): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } })
}

/** How long a client should wait before a retry. Each token triggers another attempt to fetch the issuer's keys. */
export const retryAfterSeconds = 5

/** The error for an operation or a connection while tokens cannot be verified. */
export function issuerUnreachable(): GraphQLError {
  return new GraphQLError(reasons.unchecked, { extensions: { code: 'SERVICE_UNAVAILABLE' } })
}

/** The error for a user who may not access a topic. */
export function forbidden(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } })
}
