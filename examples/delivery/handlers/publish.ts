import { publishEvents } from 'serverless-graphql-subscriptions'
import { api } from '../schema/api'

export const handler = publishEvents(api)
