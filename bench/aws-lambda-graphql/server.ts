import type { DynamoDB } from 'aws-sdk'
import {
  DynamoDBConnectionManager,
  DynamoDBEventProcessor,
  DynamoDBEventStore,
  DynamoDBSubscriptionManager,
  PubSub,
  Server,
  withFilter,
} from 'aws-lambda-graphql'
import type { ApiGatewayManagementApi } from 'aws-sdk'
import { counted } from '../contenders/executions'

/** An event and its topic. */
export interface Payload {
  readonly topic: string
  readonly chatId: string
  readonly text: string
  /** Whether some subscribers filter the event out. */
  readonly isFiltered: boolean
}

export const eventName = 'MESSAGE'

interface Options {
  readonly dynamoDbClient: DynamoDB.DocumentClient
  /** Default: created once, from the endpoint that is stored with a connection. */
  readonly apiGatewayManager?: ApiGatewayManagementApi
}

/**
 * aws-lambda-graphql as configured in its README. Subscribers that filter an event out are dropped after their row was
 * read.
 */
export function createServer({ dynamoDbClient, apiGatewayManager }: Options) {
  const subscriptionManager = new DynamoDBSubscriptionManager({
    dynamoDbClient,
    // Each room is stored under a name of its own.
    getSubscriptionNameFromEvent: ({ payload }) => (JSON.parse(payload) as Payload).topic,
  })
  const connectionManager = new DynamoDBConnectionManager({
    dynamoDbClient,
    subscriptions: subscriptionManager,
    ...(apiGatewayManager && { apiGatewayManager }),
  })
  const pubSub = new PubSub({ eventStore: new DynamoDBEventStore({ dynamoDbClient }) })
  const filter = ({ chatId, isFiltered }: Payload, args: { readonly chatId: string }) =>
    !isFiltered || chatId === args.chatId
  const chat = {
    subscribe: withFilter(pubSub.subscribe(eventName), filter),
    resolve: counted(({ text }: Payload) => text),
  }
  const server = new Server({
    typeDefs: 'type Query { a: Int } type Subscription { chat(chatId: String!): String }',
    resolvers: { Subscription: { chat } },
    connectionManager,
    eventProcessor: new DynamoDBEventProcessor(),
    subscriptionManager,
  })
  return { onEvent: server.createEventHandler(), onWebSocket: server.createWebSocketHandler() }
}
