import type { Answer } from '../protocol/dialect'
import type { Connections } from './connections'
import type { RouteResponse } from './events'

/**
 * Sends an answer to the client, its frames in order. The last one is returned as the route response, which costs no call;
 * those before it, and the end of a connection, go through @connections.
 */
export async function deliverAnswer(
  answer: Answer,
  connectionId: string,
  connections: Connections,
): Promise<RouteResponse> {
  const { frames, close } = answer
  const viaConnections = close ? frames : frames.slice(0, -1)
  for (const frame of viaConnections) await connections.post(connectionId, frame)
  if (close) await connections.close(connectionId)
  const last = close ? undefined : frames.at(-1)
  return { statusCode: 200, ...(last !== undefined && { body: last }) }
}
