import { setTimeout as sleep } from 'node:timers/promises'
import { ApolloClient, ApolloLink, gql, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { WebSocketLink } from '@apollo/client/link/ws'
import { Client as UrqlClient, subscriptionExchange } from '@urql/core'
import { ApolloClient as ApolloClient3, gql as gql3, InMemoryCache as InMemoryCache3 } from 'apollo-client-3/core'
import { WebSocketLink as WebSocketLink3 } from 'apollo-client-3/link/ws'
import { type Client as GraphqlWsClient, createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'

/** What an application does with any of the clients. */
export interface RealClient {
  /** Resolves with the data of a query or mutation once the operation is completed. */
  readonly run: (document: string) => Promise<unknown>
  /** Calls `onData` with the data of each event. The operation never ends. */
  readonly subscribe: (document: string, onData: (data: unknown) => void) => void
  /** Reconnects at once, as in an application that chooses the moment: docs/reference/protocols.md. */
  readonly reconnect: () => void
  readonly close: () => void
}

/** The payload of `connection_init`. */
type ConnectionParams = Readonly<Record<string, unknown>>

/** Creates each client as its documentation says, for the WebSocket API at `url`. */
export const realClients: Readonly<Record<string, (url: string, connectionParams?: ConnectionParams) => RealClient>> = {
  'subscriptions-transport-ws with no sub-protocol': (url, params) => plainLegacy(legacySocket(url, params, [])),
  'subscriptions-transport-ws with its own sub-protocol': (url, params) => plainLegacy(legacySocket(url, params)),
  'Apollo Client 3 with WebSocketLink': (url, params) => {
    const socket = legacySocket(url, params, [])
    const client = new ApolloClient3({ link: new WebSocketLink3(socket), cache: new InMemoryCache3() })
    return {
      run: async (document) => {
        const { data } = document.startsWith('mutation')
          ? await client.mutate<unknown>({ mutation: gql3(document) })
          : await client.query<unknown>({ query: gql3(document) })
        return data
      },
      subscribe: (document, onData) => {
        client.subscribe<unknown>({ query: gql3(document) }).subscribe(({ data }) => {
          onData(data)
        })
      },
      ...reconnecting(socket),
      close: () => {
        client.stop()
        socket.close()
      },
    }
  },
  'Apollo Client 4 with WebSocketLink': (url, params) => {
    const socket = legacySocket(url, params, [])

    return apollo4(new WebSocketLink(socket), {
      ...reconnecting(socket),
      close: () => {
        socket.close()
      },
    })
  },
  'Apollo Client 4 with GraphQLWsLink': (url, params) => {
    const socket = currentSocket(url, { params })
    return apollo4(new GraphQLWsLink(socket), {
      reconnect: () => {
        socket.terminate()
      },
      close: () => void socket.dispose(),
    })
  },
  'graphql-ws, lazy': (url, params) => plainCurrent(currentSocket(url, { params })),
  'graphql-ws, not lazy': (url, params) => plainCurrent(currentSocket(url, { params, lazy: false })),
  'urql with subscriptions-transport-ws': (url, params) => {
    const socket = legacySocket(url, params)
    const exchange = subscriptionExchange({
      enableAllOperations: true,
      forwardSubscription: ({ query = '', variables = {} }) => socket.request({ query, variables }),
    })
    return urql(url, exchange, {
      ...reconnecting(socket),
      close: () => {
        socket.close()
      },
    })
  },
  'urql with graphql-ws': (url, params) => {
    const socket = currentSocket(url, { params })
    const exchange = subscriptionExchange({
      enableAllOperations: true,
      forwardSubscription: ({ query = '', variables = {} }) => ({
        subscribe: (sink) => {
          const unsubscribe = socket.subscribe(
            { query, variables },
            {
              ...sink,
              next: ({ data = null, errors }) => {
                sink.next({ data, ...(errors && { errors }) })
              },
            },
          )
          // urql unsubscribes inside `next`. If `complete` is in the same packet, graphql-ws 6.4 counts the operation
          // as ended twice, and closes the connection during the next subscription. This happens with any server.
          return { unsubscribe: () => void setImmediate(unsubscribe) }
        },
      }),
    })
    return urql(url, exchange, {
      reconnect: () => {
        socket.terminate()
      },
      close: () => void socket.dispose(),
    })
  },
}

function legacySocket(url: string, connectionParams: ConnectionParams = {}, protocols?: string[]): SubscriptionClient {
  // By default it abandons a connection after 1 s, but cold functions may take longer on a busy machine.
  return new SubscriptionClient(url, { reconnect: true, minTimeout: 10_000, connectionParams }, WebSocket, protocols)
}

/** A client of graphql-ws that reconnects after 50 ms instead of 1 s or more. */
function currentSocket(
  url: string,
  { params, lazy = true }: { readonly params: ConnectionParams | undefined; readonly lazy?: boolean },
): GraphqlWsClient {
  const retry = { retryAttempts: Infinity, retryWait: () => sleep(50), shouldRetry: () => true }
  return createClient({ url, webSocketImpl: WebSocket, lazy, ...retry, ...(params && { connectionParams: params }) })
}

function plainLegacy(socket: SubscriptionClient): RealClient {
  return {
    run: (query) =>
      new Promise((resolve, reject) => {
        let last: unknown
        socket.request({ query }).subscribe({
          next: ({ data }) => (last = data),
          error: reject,
          complete: () => {
            resolve(last)
          },
        })
      }),
    subscribe: (query, onData) => {
      socket.request({ query }).subscribe({
        next: ({ data }) => {
          onData(data)
        },
      })
    },
    ...reconnecting(socket),
    close: () => {
      socket.close()
    },
  }
}

function plainCurrent(socket: GraphqlWsClient): RealClient {
  return {
    run: (query) =>
      new Promise((resolve, reject) => {
        let last: unknown
        socket.subscribe(
          { query },
          {
            next: ({ data }) => (last = data),
            error: reject,
            complete: () => {
              resolve(last)
            },
          },
        )
      }),
    subscribe: (query, onData) => {
      socket.subscribe(
        { query },
        {
          next: ({ data }) => {
            onData(data)
          },
          error: () => undefined,
          complete: () => undefined,
        },
      )
    },
    reconnect: () => {
      socket.terminate()
    },
    close: () => void socket.dispose(),
  }
}

type Socket = Pick<RealClient, 'reconnect' | 'close'>

function reconnecting(socket: SubscriptionClient): Pick<Socket, 'reconnect'> {
  return {
    reconnect: () => {
      socket.close(false, false)
    },
  }
}

function apollo4(link: ApolloLink, { reconnect, close }: Socket): RealClient {
  const client = new ApolloClient({ link, cache: new InMemoryCache() })
  return {
    run: async (document) => {
      const { data } = document.startsWith('mutation')
        ? await client.mutate({ mutation: gql(document) })
        : await client.query({ query: gql(document) })
      return data
    },
    subscribe: (document, onData) => {
      client.subscribe({ query: gql(document) }).subscribe(({ data }) => {
        onData(data)
      })
    },
    reconnect,
    close: () => {
      client.stop()
      close()
    },
  }
}

function urql(url: string, exchange: ReturnType<typeof subscriptionExchange>, socket: Socket): RealClient {
  const client = new UrqlClient({ url, exchanges: [exchange], preferGetMethod: false })
  return {
    run: async (document) => {
      const { data, error } = document.startsWith('mutation')
        ? await client.mutation<unknown>(document, {}).toPromise()
        : await client.query<unknown>(document, {}).toPromise()
      if (error) throw error
      return data
    },
    subscribe: (document, onData) => {
      client.subscription<unknown>(document, {}).subscribe(({ data }) => {
        onData(data)
      })
    },
    ...socket,
  }
}
