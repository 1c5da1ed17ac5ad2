import { CombinedGraphQLErrors } from '@apollo/client'

/**
 * The `extensions.code` of an error. `GraphQLWsLink` passes a list of errors, `WebSocketLink` the first one, not an
 * Error.
 */
export function codeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined
  if (CombinedGraphQLErrors.is(error)) return error.errors[0]?.extensions?.['code']
  if ('cause' in error) return codeOf(error.cause)
  return 'extensions' in error ? (error.extensions as { readonly code?: unknown }).code : undefined
}
