import { graphqlOverHttp } from '../lib/handlers/graphql-over-http'
import { api } from '../schema/api'

export const handler = graphqlOverHttp(api)
