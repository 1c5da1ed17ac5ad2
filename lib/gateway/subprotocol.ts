import type { Subprotocol } from '../clients/items'

const supported: readonly string[] = ['graphql-transport-ws', 'graphql-ws'] satisfies Subprotocol[]

/**
 * Chooses the sub-protocol of a connection: the first that the client offers and that is spoken here. A client that offers
 * none must not be answered with one (RFC 6455, section 4.2.2), and gets to speak any dialect.
 *
 * @returns `unsupported` if the client offers only others
 */
export function chooseSubprotocol(
  headers: Readonly<Record<string, string | undefined>> = {},
): Subprotocol | 'unsupported' | undefined {
  const name = Object.keys(headers).find((header) => header.toLowerCase() === 'sec-websocket-protocol')
  const offered = (name === undefined ? '' : (headers[name] ?? '')).split(',').map((protocol) => protocol.trim())
  if (offered.every((protocol) => protocol === '')) return undefined
  return offered.find((protocol): protocol is Subprotocol => supported.includes(protocol)) ?? 'unsupported'
}
