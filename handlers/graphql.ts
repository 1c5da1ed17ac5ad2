import { graphqlOverHttp } from '../lib'
import { api } from '../schema/api'

export const handler = graphqlOverHttp(api)
