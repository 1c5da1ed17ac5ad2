import type { Identity } from '../identity'
import type { Subprotocol } from '../protocol/subprotocol'

/** A registered connection that has not expired: neither by its token nor after two hours. */
export interface Client {
  readonly connectionId: string
  readonly callbackUrl: string
  readonly subprotocol?: Subprotocol | undefined
  readonly connectedAtMs: number
  /** Whether its `connection_init` has been acknowledged. */
  readonly acknowledged: boolean
  /** The identity that its token asserts; undefined without a token. */
  readonly identity?: Identity | undefined
  /** Identifies the client across connections, if it sent a `clientId`: see `Sessions`. */
  readonly session?: string | undefined
  /** The number of operations in the current rate window; undefined if operations are not counted. */
  readonly counted?: { readonly windowAtSeconds: number; readonly operations: number } | undefined
  /** Epoch seconds by which API Gateway has closed the connection. */
  readonly ttl: number
}
