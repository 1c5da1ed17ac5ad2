import type { GraphQLSchema } from 'graphql'
import type { Identity, KeepClaims } from '../identity'

/** A GraphQL API that the core serves. */
export interface Api {
  readonly schema: GraphQLSchema
  /** What resolvers get, for one operation. */
  readonly contextFor: (identity: Identity | undefined) => Readonly<Record<string, unknown>>
  /** Further claims of a token to keep, in `Identity.claims`. The handler of `$connect` needs the same: `acceptConnections`. */
  readonly identity?: KeepClaims | undefined
}
