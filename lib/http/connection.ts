import type { Socket } from 'node:net'
import type { HttpRequest, HttpRequestError, HttpResponse } from './http-message'

/** A request that waits or is under way, and what takes its outcome. */
export interface Exchange {
  readonly request: HttpRequest
  readonly resolve: (response: HttpResponse) => void
  readonly reject: (error: HttpRequestError) => void
  /** Its number among the requests of a pool. */
  readonly serial: number
  /** When the pool received it. */
  readonly sinceMs: number
  /** Whether it was sent over a connection that was then lost. */
  isRepeated: boolean
  /** How many times the server reported that it had not processed it. */
  refusals: number
}

/** An open connection of a pool. */
export interface Connection {
  /** How many requests it can accept now. */
  readonly capacity: number
  /** When it became idle; undefined while it is busy. */
  readonly idleSinceMs: number | undefined
  /** Whether a request was sent over it. */
  readonly isUsed: boolean
  run(exchange: Exchange): void
  /** If it is idle, records the time, and stops keeping the process alive. */
  markIdle(nowMs: number): void
  /** Closes it and rejects the exchanges under way. */
  destroy(): void
}

/** What all connections need, including the callbacks of their pool. */
export interface ConnectionOptions {
  readonly socket: Socket
  /** For error messages. */
  readonly host: string
  /** From sending a request to the end of its response. */
  readonly responseTimeoutMs: number
  /** Its capacity has changed. */
  readonly onChanged: (connection: Connection) => void
  /** The exchange failed for a reason unrelated to it and may be retried. */
  readonly onRetryable: (exchange: Exchange, error: HttpRequestError) => void
  readonly onClosed: (connection: Connection, error: HttpRequestError) => void
}
