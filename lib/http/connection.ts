import type { Socket } from 'node:net'
import type { HttpRequest, HttpRequestError, HttpResponse } from './http-message'

/** A request that is sent or waits to be, and who is told what became of it. */
export interface Exchange {
  readonly request: HttpRequest
  readonly resolve: (response: HttpResponse) => void
  readonly reject: (error: HttpRequestError) => void
  /** Whether it has been sent before, over a connection that was lost. */
  isRepeated: boolean
}

/** An open connection of a pool. */
export interface Connection {
  /** Requests that it can take now. */
  readonly capacity: number
  /** When it had nothing to do any more; undefined while it has. */
  readonly idleSinceMs: number | undefined
  run(exchange: Exchange): void
  /** Does not keep the process alive while it has nothing to do. */
  rest(nowMs: number): void
  destroy(): void
}

/** What a pool hears from its connections. */
export interface ConnectionOptions {
  readonly socket: Socket
  /** For error messages. */
  readonly host: string
  /** For a response to be there as a whole, from the moment that its request is sent. */
  readonly responseTimeoutMs: number
  /** It can take a request again. */
  readonly onFree: (connection: Connection) => void
  /** The exchange can be sent again on another connection. */
  readonly onUnsent: (exchange: Exchange) => void
  readonly onClosed: (connection: Connection) => void
}
