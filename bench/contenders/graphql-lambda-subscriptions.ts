import { Agent } from 'node:https'
import { ApiGatewayManagementApi, DynamoDB } from 'aws-sdk'
import { buildSchema } from 'graphql'
import { makeServer } from 'graphql-lambda-subscriptions'
import { eventText, topicOf } from '../model'
import { concurrency, environmentOf } from './environment'
import { measure } from './measure'

/** The most used library for this platform, with the connections that it needs to be fast. */
measure(() => {
  const { callbackUrl, credentials } = environmentOf(process.env)
  const httpOptions = { agent: new Agent({ keepAlive: true, maxSockets: concurrency }) }
  const options = { region: 'us-east-1', credentials, httpOptions, maxRetries: 0 }
  const schema = buildSchema('type Query { a: Int } type Subscription { chat(chatId: String!): String }')
  const chat = schema.getSubscriptionType()?.getFields()['chat']
  if (chat) chat.resolve = ({ payload }: { payload: { text: string } }) => payload.text
  const { publish } = makeServer({
    schema,
    dynamodb: new DynamoDB({ ...options, endpoint: new URL(callbackUrl).origin }),
    apiGatewayManagementApi: new ApiGatewayManagementApi({ ...options, endpoint: callbackUrl }),
  })
  return (subscribers) => publish({ topic: topicOf(subscribers), payload: { text: eventText } })
})
