import type { Identity } from '../identity'
import type { Subprotocol } from '../protocol/subprotocol'

/** A connection that is registered, and has outlived neither its token nor the two hours of a connection. */
export interface Client {
  readonly connectionId: string
  readonly callbackUrl: string
  readonly subprotocol?: Subprotocol | undefined
  readonly connectedAtMs: number
  /** Whether its `connection_init` has been answered. */
  readonly acknowledged: boolean
  /** Who it has shown to be; undefined if it has shown no token. */
  readonly identity?: Identity | undefined
  /** Names what outlasts its connections, if it has given a `clientId`: see `Sessions`. */
  readonly session?: string | undefined
  /** How many operations it has begun in which window; undefined if nobody has counted. */
  readonly counted?: { readonly windowAtSeconds: number; readonly operations: number } | undefined
  /** Epoch seconds after which API Gateway has ended it. */
  readonly ttl: number
}
