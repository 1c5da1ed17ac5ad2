/**
 * The part that the bench uses. Declared here because only `npm run bench` installs the package, and type checks run
 * without it.
 */
declare module 'aws-lambda-graphql' {
  import type { ApiGatewayManagementApi, DynamoDB } from 'aws-sdk'

  interface Tables {
    readonly dynamoDbClient: DynamoDB.DocumentClient
  }

  export class DynamoDBEventStore {
    private readonly table: 'Events'
    constructor(options: Tables)
  }

  export class DynamoDBSubscriptionManager {
    private readonly table: 'Subscriptions'
    constructor(
      options: Tables & {
        /** The payload is JSON. */
        readonly getSubscriptionNameFromEvent: (event: { readonly payload: string }) => string
      },
    )
  }

  export class DynamoDBConnectionManager {
    private readonly table: 'Connections'
    constructor(
      options: Tables & {
        readonly subscriptions: DynamoDBSubscriptionManager
        /** By default, the library creates one, once, from the endpoint that is stored with a connection. */
        readonly apiGatewayManager?: ApiGatewayManagementApi
      },
    )
  }

  export class DynamoDBEventProcessor {
    private readonly table: 'Events'
  }

  type Subscribe = (root: unknown, args: object) => unknown

  export class PubSub {
    constructor(options: { readonly eventStore: DynamoDBEventStore })
    subscribe(eventName: string): Subscribe
  }

  export function withFilter(subscribe: Subscribe, isWanted: (payload: never, args: never) => boolean): Subscribe

  type Handler = (event: unknown, context: unknown) => unknown

  export class Server {
    constructor(options: {
      readonly typeDefs: string
      readonly resolvers: object
      readonly connectionManager: DynamoDBConnectionManager
      readonly eventProcessor: DynamoDBEventProcessor
      readonly subscriptionManager: DynamoDBSubscriptionManager
    })
    /** The handler of the events table's stream. */
    createEventHandler(): Handler
    /** The handler of all three routes. */
    createWebSocketHandler(): Handler
  }
}
