import { createClients } from '../lib/clients/clients'
import { createDocuments } from '../lib/clients/dynamodb'
import { required } from '../lib/environment'
import type { ConnectEvent, RouteResponse } from '../lib/gateway/events'
import { chooseSubprotocol } from '../lib/gateway/subprotocol'

const clients = createClients({ documents: createDocuments(), tableName: required('CLIENTS_TABLE') })
const callbackUrl = required('CALLBACK_URL')

/** `$connect`: registers the client, before its first message can come. */
export async function handler({ headers, requestContext }: ConnectEvent): Promise<RouteResponse> {
  const subprotocol = chooseSubprotocol(headers)
  if (subprotocol === 'unsupported') return { statusCode: 400 }
  const { connectionId, connectedAt: connectedAtMs } = requestContext
  await clients.register({ connectionId, callbackUrl, subprotocol, connectedAtMs })
  return { statusCode: 200, ...(subprotocol && { headers: { 'Sec-WebSocket-Protocol': subprotocol } }) }
}
