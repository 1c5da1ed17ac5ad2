import { valueNamed } from '../value-named'

/** The WebSocket sub-protocols that a client may negotiate: of graphql-ws and of subscriptions-transport-ws. */
export const subprotocols = ['graphql-transport-ws', 'graphql-ws'] as const

export type Subprotocol = (typeof subprotocols)[number]

/**
 * Chooses the sub-protocol of a connection: the first supported one that the client offers. A client that offers none
 * must not be sent one (RFC 6455, section 4.2.2), and may speak any dialect.
 *
 * @returns `unsupported` if the client offers only unsupported ones
 */
export function chooseSubprotocol(
  headers?: Readonly<Record<string, string | undefined>>,
): Subprotocol | 'unsupported' | undefined {
  const names = valueNamed('sec-websocket-protocol', headers) ?? ''
  const offered = names.split(',').map((protocol) => protocol.trim())
  if (offered.every((protocol) => protocol === '')) return undefined
  return offered.find(isSubprotocol) ?? 'unsupported'
}

function isSubprotocol(name: string): name is Subprotocol {
  return subprotocols.some((subprotocol) => subprotocol === name)
}
