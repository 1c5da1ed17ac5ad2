import { ApiGatewayManagementApi, DynamoDB } from 'aws-sdk'
import { buildSchema } from 'graphql'
import { makeServer, subscribe } from 'graphql-lambda-subscriptions'
import { environmentOf } from '../contenders/environment'
import { drive } from './drive'

/** The function of graphql-lambda-subscriptions, which serves all three routes. */
drive(() => {
  const { callbackUrl, credentials } = environmentOf(process.env)
  const options = { region: 'us-east-1', credentials }
  const schema = buildSchema('type Query { a: Int } type Subscription { chat(chatId: String!): String }')
  const chat = schema.getSubscriptionType()?.getFields()['chat']
  if (chat) chat.subscribe = subscribe('chat')
  const { webSocketHandler } = makeServer({
    schema,
    dynamodb: new DynamoDB({ ...options, endpoint: new URL(callbackUrl).origin }),
    apiGatewayManagementApi: new ApiGatewayManagementApi({ ...options, endpoint: callbackUrl }),
    onError: (error: unknown) => {
      throw error
    },
  })
  return webSocketHandler
})
