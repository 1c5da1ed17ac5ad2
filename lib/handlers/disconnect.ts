import { endedExactly } from '../gateway/close-code'
import type { DisconnectEvent, RouteResponse } from '../gateway/events'
import { sessions } from '../resources'

/**
 * `$disconnect`: notes where a client was cut that may come back, and deletes it with everything under it. It is best effort: what
 * it misses, `publish` and `ttl` delete.
 */
export async function handler({ requestContext }: DisconnectEvent): Promise<RouteResponse> {
  const { connectionId, requestTimeEpoch: atMs, disconnectStatusCode } = requestContext
  await sessions().end(connectionId, { atMs, exact: endedExactly(disconnectStatusCode) })
  return { statusCode: 200 }
}
