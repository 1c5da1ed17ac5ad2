import type { Subprotocol } from './subprotocol'
import { type ClientMessage, dialectOf } from './client-message'
import { current } from './current'
import type { Dialect, DialectName } from './dialect'
import { legacy } from './legacy'
import { raw } from './raw'

export const dialects: Readonly<Record<DialectName, Dialect>> = { legacy, current, raw }

/** The names of the sub-protocols are historical: `graphql-ws` is the one of subscriptions-transport-ws. */
export const dialectOfSubprotocol: Readonly<Record<Subprotocol, Dialect>> = {
  'graphql-ws': legacy,
  'graphql-transport-ws': current,
}

/**
 * The dialect of a connection is that of its sub-protocol. Without a sub-protocol, each message may use any dialect.
 */
export function dialectFor(subprotocol: Subprotocol | undefined, message: ClientMessage): Dialect {
  return subprotocol ? dialectOfSubprotocol[subprotocol] : dialects[dialectOf(message) ?? 'legacy']
}
