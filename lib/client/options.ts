import type { ConnectionState } from './state'
import type { WebSocketConstructor } from './web-socket'

export type ConnectionParams = Readonly<Record<string, unknown>>

export interface ConnectionOptions {
  /**
   * What is sent with `connection_init`, beside what the library's own `connectionParams` say, which are asked for once
   * only. A function is asked before each connection, so a token is fresh:
   * `async () => ({ authToken: await token() })`. If it throws, it is asked again after a pause.
   */
  readonly connectionParams?: ConnectionParams | (() => ConnectionParams | Promise<ConnectionParams>)
  /**
   * The WebSocket to use. Default: the global one, which browsers have and Node since 22; for Node 20, that of the
   * package `ws`.
   */
  readonly webSocketImpl?: unknown
  /**
   * Some of what a subscription missed can no longer be sent: the service no longer keeps it, or the user is another
   * one. Told once for each time that this happens; what is still kept follows. An application reads its state anew.
   * Default: nothing.
   */
  readonly onIncomplete?: (subscription: IncompleteSubscription) => void
  /**
   * What becomes of subscriptions when the service refuses the connection: each ends with an error of the code
   * `REFUSED`, or all wait, and go on exactly where they were after `reconnect`, for an application that shows the
   * state. Default: `fail`.
   */
  readonly whenRefused?: 'fail' | 'wait'
  /**
   * After so much silence the line is tested with a ping, which is two billed messages. Default: 240 s, so that a dead
   * line is noticed within 250 s, and 1,000 clients to whom nothing is sent cost $0.03 an hour. At most 540 s: API
   * Gateway ends what is silent for 600 s.
   */
  readonly silenceSeconds?: number
  /** A ping that is not answered within this time means that the line is dead. Default: 10 s. */
  readonly answerSeconds?: number
  /**
   * The longest pause between two attempts to connect. It begins with 1 s, doubles, and is random each time (full
   * jitter). Default: 30 s.
   */
  readonly longestPauseSeconds?: number
  /**
   * The age at which a connection is replaced, at a moment when nothing is sent, up to five minutes later. API Gateway
   * ends every connection after 7,200 s, in the middle of whatever it is. Default: 6,600 s, of which up to a tenth is
   * left out at random.
   */
  readonly lifetimeSeconds?: number
}

export interface IncompleteSubscription {
  readonly query: string
  readonly operationName?: string | null
  readonly variables?: unknown
}

/** A connection that comes back by itself, for one client of one library. */
export interface Connection {
  /**
   * Pass it to the library: `webSocketImpl` of graphql-ws' `createClient`, the third argument of `SubscriptionClient`.
   * To the library it looks open all the time, so the library's own options for reconnecting have nothing to do.
   */
  readonly WebSocket: WebSocketConstructor
  /** What the service knows this client by when it comes back. It is sent with each `connection_init`. */
  readonly clientId: string
  readonly state: () => ConnectionState
  /** Calls `listener` after each change of the state. @returns what ends that */
  readonly onState: (listener: () => void) => () => void
  /** Connects anew, now: with fresh parameters, whether it is live, waiting or refused. Nothing is missed. */
  readonly reconnect: () => void
}
