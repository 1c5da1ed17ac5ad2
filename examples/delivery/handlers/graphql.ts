import { graphqlOverHttp } from 'serverless-graphql-subscriptions'
import { api } from '../schema/api'

export const handler = graphqlOverHttp(api)
