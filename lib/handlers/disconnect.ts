import type { DisconnectEvent, RouteResponse } from '../gateway/events'
import { sessions } from '../resources'

/**
 * The handler of `$disconnect`: writes the cursors of a client with a session, and deletes its items. API Gateway calls
 * it at best effort; after a missed call, `publish` or the `ttl` deletes the items.
 */
export async function handler({ requestContext }: DisconnectEvent): Promise<RouteResponse> {
  const { connectionId, requestTimeEpoch: atMs } = requestContext
  await sessions().end(connectionId, { atMs })
  return { statusCode: 200 }
}
