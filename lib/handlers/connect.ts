import { acceptConnections } from './accept-connections'

/**
 * The handler of `$connect` for services that keep no further claims of a token. Other services call
 * `acceptConnections`.
 */
export const handler = acceptConnections()
