import type { Socket } from 'node:net'
import type { HttpRequest, HttpRequestError, HttpResponse } from './http-message'

/** A request that is sent or waits to be, and who is told what became of it. */
export interface Exchange {
  readonly request: HttpRequest
  readonly resolve: (response: HttpResponse) => void
  readonly reject: (error: HttpRequestError) => void
  /** Requests of a pool are numbered. */
  readonly serial: number
  /** When it was asked for. */
  readonly sinceMs: number
  /** Whether it has been sent before, over a connection that was lost. */
  isRepeated: boolean
  /** How often the server has said that it has not processed it. */
  refusals: number
}

/** An open connection of a pool. */
export interface Connection {
  /** Requests that it can take now. */
  readonly capacity: number
  /** When it had nothing to do any more; undefined while it has. */
  readonly idleSinceMs: number | undefined
  /** Whether a request was sent over it. */
  readonly isUsed: boolean
  run(exchange: Exchange): void
  /** If it has nothing to do, it does not keep the process alive. */
  markIdle(nowMs: number): void
  /** Rejects what is under way. */
  destroy(): void
}

/** What a pool hears from its connections. */
export interface ConnectionOptions {
  readonly socket: Socket
  /** For error messages. */
  readonly host: string
  /** For a response to be there as a whole, from the moment that its request is sent. */
  readonly responseTimeoutMs: number
  /** It takes other requests than before, or none any more. */
  readonly onChanged: (connection: Connection) => void
  /** The exchange was not answered, for no reason of its own. */
  readonly onRetryable: (exchange: Exchange, error: HttpRequestError) => void
  readonly onClosed: (connection: Connection, error: HttpRequestError) => void
}
