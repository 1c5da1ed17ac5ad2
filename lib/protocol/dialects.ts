import type { Subprotocol } from './subprotocol'
import { type ClientMessage, dialectOf } from './client-message'
import { current } from './current'
import type { Dialect, DialectName } from './dialect'
import { legacy } from './legacy'
import { raw } from './raw'

export const dialects: Readonly<Record<DialectName, Dialect>> = { legacy, current, raw }

/** What each WebSocket sub-protocol is called is history: `graphql-ws` is subscriptions-transport-ws's. */
export const dialectOfSubprotocol: Readonly<Record<Subprotocol, Dialect>> = {
  'graphql-ws': legacy,
  'graphql-transport-ws': current,
}

/** The dialect of a connection is its sub-protocol's. One that negotiated none may speak any, each message for itself. */
export function dialectFor(subprotocol: Subprotocol | undefined, message: ClientMessage): Dialect {
  return subprotocol ? dialectOfSubprotocol[subprotocol] : dialects[dialectOf(message) ?? 'legacy']
}
