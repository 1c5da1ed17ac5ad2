import { createClients } from '../lib/clients/clients'
import { createDocuments } from '../lib/clients/dynamodb'
import { required } from '../lib/environment'
import type { DisconnectEvent, RouteResponse } from '../lib/gateway/events'

const clients = createClients({ documents: createDocuments(), tableName: required('CLIENTS_TABLE') })

/** `$disconnect`: deletes the client and everything under it. It is best effort: what it misses, `publish` and `ttl` delete. */
export async function handler({ requestContext }: DisconnectEvent): Promise<RouteResponse> {
  await clients.remove(requestContext.connectionId)
  return { statusCode: 200 }
}
