import type { ConnectionsServer } from '../../publisher/support/connections-server'
import type { ClientsTable } from '../../support/clients-table'

/** The environment of a function on a stage that requires tokens. It lacks the issuer's address and audience. */
export function closedStage(table: ClientsTable, gateway: ConnectionsServer): Readonly<Record<string, string>> {
  return {
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    CLIENTS_TABLE: table.tableName,
    MESSAGES_TABLE: 'messages',
    EVENTS_TOPIC_ARN: 'arn:aws:sns:local:000000000000:messages',
    LEFTOVERS_TOPIC_ARN: 'arn:aws:sns:local:000000000000:leftovers',
    CALLBACK_URL: gateway.callbackUrl,
    ACCESS: 'tokens',
    ALLOWED_ORIGINS: '*',
  }
}

/** API Gateway's request context of a connection opened just now. */
export function requestContext(connectionId: string) {
  return { connectionId, connectedAt: Date.now(), requestTimeEpoch: Date.now(), requestId: 'request' }
}

/** API Gateway's event of a query over HTTP. */
export function httpQuery(query: string, token: string) {
  return {
    rawPath: '/graphql',
    rawQueryString: '',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
    requestContext: { requestId: 'query', http: { method: 'POST' } },
  }
}
