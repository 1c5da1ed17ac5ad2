import type { ConnectionState } from './state'
import type { WebSocketConstructor } from './web-socket'

export type ConnectionParams = Readonly<Record<string, unknown>>

export interface ConnectionOptions {
  /**
   * The payload of `connection_init`, added to that of the library, whose own function is called only once. A function
   * is called before each connection, so a token is fresh: `async () => ({ authToken: await token() })`. If it throws,
   * it is called again after a pause. Default: nothing.
   */
  readonly connectionParams?: ConnectionParams | (() => ConnectionParams | Promise<ConnectionParams>)
  /**
   * The WebSocket class to use. Default: the global one of browsers and of Node 22 and newer. For Node 20, pass that of
   * the package `ws`.
   */
  readonly webSocketImpl?: unknown
  /**
   * Called when some of the events that a subscription missed can no longer be sent, because the log no longer has them
   * or the user is another one: once each time, before the remaining events. Read the present state then. Default:
   * nothing.
   */
  readonly onIncomplete?: (subscription: IncompleteSubscription) => void
  /**
   * What happens to subscriptions when the service refuses the connection. `fail`: each ends with an error of the code
   * `REFUSED`. `wait`: they wait, and resume exactly where they were after `reconnect`. Default: `fail`.
   */
  readonly whenRefused?: 'fail' | 'wait'
  /**
   * Seconds of silence after which the line is tested with a ping, which costs two billed messages. Default: 240, so a
   * dead line is noticed within 250 s, and 1,000 clients that receive nothing cost $33 a month. At most 540, since
   * API Gateway closes a connection after 600 s of silence.
   */
  readonly silenceSeconds?: number
  /** Seconds after which a line with an unanswered ping counts as dead. Default: 10. */
  readonly answerSeconds?: number
  /**
   * The longest pause between two attempts to connect, in seconds. Pauses start at 1 s, double, and are random from 0
   * on (full jitter). Default: 30.
   */
  readonly longestPauseSeconds?: number
  /**
   * The age in seconds at which a connection is replaced, at a moment without traffic, up to five minutes later. API
   * Gateway closes every connection after 7,200 s, whatever is under way. Default: 6,600, minus up to a tenth at
   * random.
   */
  readonly lifetimeSeconds?: number
}

export interface IncompleteSubscription {
  readonly query: string
  readonly operationName?: string | null
  readonly variables?: unknown
}

/** A connection that reconnects and resumes by itself, for one client of one library. */
export interface Connection {
  /**
   * Pass it to the library: `webSocketImpl` of graphql-ws' `createClient`, the third argument of `SubscriptionClient`.
   * To the library it always looks open, so the library's own options for reconnecting have no effect.
   */
  readonly WebSocket: WebSocketConstructor
  /** Identifies this client when it reconnects. It is sent with each `connection_init`. */
  readonly clientId: string
  readonly state: () => ConnectionState
  /** Calls `listener` after each change of the state. @returns a function that ends this */
  readonly onState: (listener: () => void) => () => void
  /** Reconnects now, with fresh parameters, whether it is live, waiting or refused. No event is missed. */
  readonly reconnect: () => void
}
