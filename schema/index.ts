import { makeExecutableSchema } from '@graphql-tools/schema'
import { typeDefs } from './generated'
import { resolvers } from './resolvers'

/** The GraphQL API. A subscription field is a line in schema.graphql and a resolver whose `subscribe` returns topics. */
export const schema = makeExecutableSchema({ typeDefs, resolvers })
