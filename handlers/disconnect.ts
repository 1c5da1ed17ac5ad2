import { createDynamoDb } from '../lib/aws/dynamodb'
import { awsServices } from '../lib/aws/services'
import { createTable } from '../lib/aws/table'
import { readSessionSettings } from '../lib/clients/session-settings'
import { createSessions } from '../lib/clients/sessions'
import { required } from '../lib/environment'
import { endedExactly } from '../lib/gateway/close-code'
import type { DisconnectEvent, RouteResponse } from '../lib/gateway/events'

const dynamoDb = createDynamoDb(awsServices().at('dynamodb'))
const table = createTable({ dynamoDb, tableName: required('CLIENTS_TABLE') })
const sessions = createSessions({ table, ...readSessionSettings() })

/**
 * `$disconnect`: notes where a client was cut that may come back, and deletes it with everything under it. It is best effort: what
 * it misses, `publish` and `ttl` delete.
 */
export async function handler({ requestContext }: DisconnectEvent): Promise<RouteResponse> {
  const { connectionId, requestTimeEpoch: atMs, disconnectStatusCode } = requestContext
  await sessions.end(connectionId, { atMs, exact: endedExactly(disconnectStatusCode) })
  return { statusCode: 200 }
}
