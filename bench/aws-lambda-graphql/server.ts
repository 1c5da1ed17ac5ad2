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

/** What is published, with the topic that it is for. */
export interface Payload {
  readonly topic: string
  readonly chatId: string
  readonly text: string
  /** Whether some who listen do not want it. */
  readonly isFiltered: boolean
}

export const eventName = 'MESSAGE'

interface Options {
  readonly dynamoDbClient: DynamoDB.DocumentClient
  /** Made from the endpoint that is stored with a connection, once, where it is left out. */
  readonly apiGatewayManager?: ApiGatewayManagementApi
}

/** aws-lambda-graphql as its README sets it up. Whoever does not want an event is sorted out after their row was read. */
export function createServer({ dynamoDbClient, apiGatewayManager }: Options) {
  const subscriptionManager = new DynamoDBSubscriptionManager({
    dynamoDbClient,
    // Each room stands for a table of its own.
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
