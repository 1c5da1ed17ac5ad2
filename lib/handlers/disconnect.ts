import type { DisconnectEvent, RouteResponse } from '../gateway/events'
import { sessions } from '../resources'

/**
 * `$disconnect`: notes from where a client that may come back has to be told what it missed, and deletes it with everything under it. It is
 * best effort: what it does not hear of, `publish` and `ttl` delete.
 */
export async function handler({ requestContext }: DisconnectEvent): Promise<RouteResponse> {
  const { connectionId, requestTimeEpoch: atMs } = requestContext
  await sessions().end(connectionId, { atMs })
  return { statusCode: 200 }
}
