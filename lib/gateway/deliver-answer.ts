import type { Answer } from '../protocol/dialect'
import type { Connections } from './connections'
import type { RouteResponse } from './events'

export interface DeliveringAnswer {
  readonly connectionId: string
  readonly connections: Connections
  /** What the client is told in place of an answer that could not be sent through @connections. */
  readonly onFailure: (error: unknown) => Answer
}

/**
 * Sends an answer to the client, its frames in order. The last one is returned as the route response, which costs no call;
 * those before it, and the end of a connection, go through @connections.
 *
 * It does not throw: the route response needs no @connections, so it still can tell the client that a call there failed.
 */
export async function deliverAnswer(
  { frames, close }: Answer,
  { connectionId, connections, onFailure }: DeliveringAnswer,
): Promise<RouteResponse> {
  const viaConnections = close ? frames : frames.slice(0, -1)
  try {
    for (const frame of viaConnections) await connections.post(connectionId, frame)
    if (close) await connections.close(connectionId)
  } catch (error) {
    return routeResponse(onFailure(error).frames[0])
  }
  return routeResponse(close ? undefined : frames.at(-1))
}

function routeResponse(body: string | undefined): RouteResponse {
  return { statusCode: 200, ...(body !== undefined && { body }) }
}
