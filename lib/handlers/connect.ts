import { acceptConnections } from './accept-connections'

/** `$connect` of a service that keeps no further claims of a token; one that does calls `acceptConnections` itself. */
export const handler = acceptConnections()
