import { ApolloClient, ApolloLink, InMemoryCache } from '@apollo/client'
import { OperationTypeNode } from 'graphql'
import { Observable, Subject, timeout } from 'rxjs'
import { HeartbeatDocument } from '../generated'
import { type AccessProblem, accessProblem } from './access'
import { createBackoff } from './backoff'
import { once } from './once'
import { openTransport, type Protocol } from './transport'

export type ConnectionStatus =
  | { readonly state: 'connecting' | 'live' }
  /**
   * Lost, or never made: the next attempt comes at `untilMs`, in epoch milliseconds. `unacknowledged`: the service ended it in
   * place of an acknowledgement, and told no reason. API Gateway cannot send the close code and reason of graphql-ws.
   */
  | { readonly state: 'waiting'; readonly untilMs: number; readonly unacknowledged: boolean }
  /** Given up, because the service said so. */
  | { readonly state: 'refused'; readonly reason: string; readonly problem: AccessProblem | undefined }

export interface ConnectionOptions {
  readonly url: string
  readonly protocol: Protocol
  /** Sent as `connectionParams.authToken` unless it is empty. */
  readonly authToken: string
  /** What the service knows this page by when it comes back: so it gets what it missed. Two pages must not have the same. */
  readonly clientId: string
  readonly onStatus: (status: ConnectionStatus) => void
}

export interface Connection {
  readonly client: ApolloClient
  /** Gives up for a reason that the service told through an operation. */
  readonly refuse: (reason: string) => void
  /** After it, nothing is heard of the connection any more. */
  readonly close: () => void
}

/**
 * Opens a connection, which begins as `connecting`. Subscriptions outlive a lost connection; an operation that still waits for
 * its answer then fails with a ConnectionLostError, because both protocols' clients would send it a second time.
 */
export function openConnection({ url, protocol, authToken, clientId, onStatus }: ConnectionOptions): Connection {
  const lost = new Subject<void>()
  let closed = false
  let unacknowledged = false

  function tell(status: ConnectionStatus): void {
    if (!closed) onStatus(status)
  }

  function refuse(reason: string): void {
    tell({ state: 'refused', reason, problem: accessProblem(reason) })
    close()
  }

  function close(): void {
    if (closed) return
    closed = true
    clearInterval(heartbeat)
    lost.next()
    client.stop()
    transport.close()
  }

  const transport = openTransport(protocol, {
    url,
    connectionParams: { clientId, ...(authToken !== '' && { authToken }) },
    backoff: createBackoff((delayMs) => {
      tell({ state: 'waiting', untilMs: Date.now() + delayMs, unacknowledged })
    }),
    onOpen: () => {
      unacknowledged = true
    },
    onLive: () => {
      unacknowledged = false
      tell({ state: 'live' })
    },
    onLost: () => {
      lost.next()
    },
    onRefused: refuse,
  })
  const client = new ApolloClient({
    link: ApolloLink.from([failWhenLost(lost), once(), transport.link]),
    cache: new InMemoryCache(),
    queryDeduplication: false,
  })
  const heartbeat = setInterval(() => {
    client.query({ query: HeartbeatDocument, fetchPolicy: 'no-cache' }).catch(() => undefined)
  }, heartbeatMs)
  return { client, refuse, close }
}

/** No answer came, and none will: the service may or may not have done what it was asked. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError'
}

/** API Gateway gives an integration 29 s; what has not answered by then never will. */
const answerTimeoutMs = 35_000

/** API Gateway closes a WebSocket connection that is idle for ten minutes ("Quotas for WebSocket APIs"). */
const heartbeatMs = 5 * 60_000

function failWhenLost(lost: Observable<void>): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const results = forward(operation)
    if (operation.operationType === OperationTypeNode.SUBSCRIPTION) return results
    return untilLost(results, lost).pipe(timeout({ first: answerTimeoutMs }))
  })
}

/** Unsubscribes from `results` in the moment of the loss: a moment later, the transport notes what to send again. */
function untilLost<T>(results: Observable<T>, lost: Observable<void>): Observable<T> {
  return new Observable((observer) => {
    const subscription = results.subscribe(observer)
    subscription.add(
      lost.subscribe(() => {
        observer.error(new ConnectionLostError('The connection was lost before the service answered.'))
      }),
    )
    return subscription
  })
}
