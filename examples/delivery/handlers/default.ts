import { receiveMessages } from 'serverless-graphql-subscriptions'
import { api } from '../schema/api'

export const handler = receiveMessages(api)
