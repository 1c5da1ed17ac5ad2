import type { ApolloLink } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { WebSocketLink } from '@apollo/client/link/ws'
import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { accessProblem } from './access'
import type { Backoff } from './backoff'
import { wordsOf } from './words'

/** The protocols that this page speaks, by what chooses them in its address: `?protocol=graphql-transport-ws`. */
export const protocols = ['graphql-ws', 'graphql-transport-ws'] as const
export type Protocol = (typeof protocols)[number]

export interface TransportOptions {
  readonly url: string
  /** Sent with `connection_init`. */
  readonly connectionParams: Readonly<Record<string, unknown>>
  /** Says when to connect again. */
  readonly backoff: Backoff
  /** The socket is open, and nothing is acknowledged yet. */
  readonly onOpen: () => void
  readonly onLive: () => void
  /** Every running operation starts again by itself with the next connection, unless it is unsubscribed in this call. */
  readonly onLost: () => void
  /** Connecting again is of no use, for the reason that the service gave. */
  readonly onRefused: (reason: string) => void
}

export interface Transport {
  readonly link: ApolloLink
  readonly close: () => void
}

/** Connects at once, and again whenever the connection is lost, until it is closed. */
export function openTransport(protocol: Protocol, options: TransportOptions): Transport {
  return protocol === 'graphql-ws' ? openWebSocketLink(options) : openGraphQLWsLink(options)
}

/** The protocol of `subscriptions-transport-ws`, over an empty protocol array. */
function openWebSocketLink({ url, connectionParams, backoff, ...tell }: TransportOptions): Transport {
  const client = new SubscriptionClient(
    url,
    {
      reconnect: true,
      minTimeout: connectTimeoutMs,
      connectionParams,
      connectionCallback: (refusal: unknown) => {
        const words = wordsOf(refusal)
        if (accessProblem(words)) tell.onRefused(words)
      },
    },
    WebSocket,
    [],
  )
  Reflect.set(client, 'backoff', backoff) // nobody can ask its own how long it waits
  client.onConnecting(tell.onOpen)
  client.onReconnecting(tell.onOpen)
  client.onConnected(tell.onLive)
  client.onReconnected(tell.onLive)
  client.onDisconnected(tell.onLost)
  return {
    link: new WebSocketLink(client),
    close: () => {
      client.close()
    },
  }
}

/** The protocol of `graphql-ws`, sub-protocol `graphql-transport-ws`. */
function openGraphQLWsLink({ url, connectionParams, backoff, ...tell }: TransportOptions): Transport {
  const tellOfRefusal = (event: unknown) => {
    const words = wordsOf(event)
    if (accessProblem(words)) tell.onRefused(words)
  }
  const client = createClient({
    url,
    connectionParams,
    lazy: false,
    retryAttempts: Infinity,
    retryWait: () => sleep(backoff.duration()),
    shouldRetry: () => true,
    on: {
      opened: tell.onOpen,
      connected: () => {
        backoff.reset()
        tell.onLive()
      },
      closed: (event) => {
        tell.onLost()
        tellOfRefusal(event)
      },
      error: tellOfRefusal, // the service says why in a frame, since API Gateway cannot say it in a close
    },
    onNonLazyError: (error) => {
      tell.onRefused(wordsOf(error))
    },
  })
  return {
    link: new GraphQLWsLink(client),
    close: () => {
      void client.dispose()
    },
  }
}

/** Connecting to functions that are cold takes seconds; subscriptions-transport-ws would give up after one. */
const connectTimeoutMs = 15_000

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
