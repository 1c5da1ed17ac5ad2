/**
 * The part that the bench uses. Declared here because only `npm run bench` installs the package, and type checks run
 * without it.
 */
declare module 'graphql-lambda-subscriptions' {
  import type { ApiGatewayManagementApi, DynamoDB } from 'aws-sdk'
  import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'

  interface ServerOptions {
    readonly schema: GraphQLSchema
    readonly dynamodb: DynamoDB
    /** By default, the library creates one per post, from the domain name that is stored with the connection. */
    readonly apiGatewayManagementApi?: ApiGatewayManagementApi
    readonly onError?: (error: unknown) => void
  }

  interface Server {
    readonly publish: (event: { readonly topic: string; readonly payload: object }) => Promise<void>
    /** The handler of all three routes. */
    readonly webSocketHandler: (event: unknown, context: unknown) => Promise<unknown>
  }

  export function makeServer(options: ServerOptions): Server

  /** The `subscribe` of a subscription field. */
  export function subscribe(topic: string): GraphQLFieldResolver<unknown, unknown>
}
