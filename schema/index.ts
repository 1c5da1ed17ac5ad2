import { buildSchema } from 'graphql'
import { typeDefs } from './generated'
import { resolvers } from './resolvers'
import { withResolvers } from './with-resolvers'

/** The GraphQL API. A subscription field is a line in schema.graphql and a resolver whose `subscribe` returns topics. */
export const schema = withResolvers(buildSchema(typeDefs), resolvers)
