import type { GraphQLSchema } from 'graphql'
import type { Identity } from '../identity'

/** A GraphQL API that the core serves. */
export interface Api {
  readonly schema: GraphQLSchema
  /** What resolvers get, for one operation. */
  readonly contextFor: (identity: Identity | undefined) => Readonly<Record<string, unknown>>
}
