import { DynamoDB } from 'aws-sdk'
import type { ApiGatewayManagementApi } from 'aws-sdk'
import { buildSchema } from 'graphql'
import { makeServer } from 'graphql-lambda-subscriptions'
import { eventText, type Room, topicOf } from '../model'
import { counted } from './executions'

interface Options {
  readonly dynamodb: DynamoDB
  readonly apiGatewayManagementApi?: ApiGatewayManagementApi
}

/** The most used library for this platform. DynamoDB filters its rows, but reads them first. */
export function lambdaSubscriptionsPublisher(options: Options): (room: Room) => Promise<void> {
  const schema = buildSchema('type Query { a: Int } type Subscription { chat(chatId: String!): String }')
  const chat = schema.getSubscriptionType()?.getFields()['chat']
  if (chat) chat.resolve = counted(({ payload }: { payload: { text: string } }) => payload.text)
  const { publish } = makeServer({ schema, ...options })
  return (room) => publish({ topic: topicOf(room), payload: { text: eventText, language: 'fr' } })
}
