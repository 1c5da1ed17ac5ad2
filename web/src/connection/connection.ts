import { ApolloClient, type ApolloLink, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { WebSocketLink } from '@apollo/client/link/ws'
import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { type Connection, createConnection } from 'serverless-graphql-subscriptions/client'
import type { Protocol } from './protocols'

export interface Connected {
  readonly connection: Connection
  readonly client: ApolloClient
}

/** Connects an Apollo Client. @param authToken called before each connection; returns empty for none */
export function connect(
  { url, protocol, onIncomplete }: { url: string; protocol: Protocol; onIncomplete: () => void },
  authToken: () => string,
): Connected {
  const connection = createConnection({
    connectionParams: () => (authToken() === '' ? {} : { authToken: authToken() }),
    whenRefused: 'wait',
    onIncomplete,
  })
  const link = links[protocol](url, connection)
  return { connection, client: new ApolloClient({ link, cache: new InMemoryCache(), queryDeduplication: false }) }
}

const links: Readonly<Record<Protocol, (url: string, connection: Connection) => ApolloLink>> = {
  // subscriptions-transport-ws, over an empty protocol array
  'graphql-ws': (url, { WebSocket }) => new WebSocketLink(new SubscriptionClient(url, {}, WebSocket, [])),
  'graphql-transport-ws': (url, { WebSocket }) =>
    new GraphQLWsLink(createClient({ url, webSocketImpl: WebSocket, lazy: false })),
}
