import type { ConnectionsServer } from '../../publisher/support/connections-server'
import type { ClientsTable } from '../../support/clients-table'

/** The environment of a function on a stage that requires tokens, without the settings of the issuer. */
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

/** The request context of API Gateway for a connection that has just begun. */
export function requestContext(connectionId: string) {
  return { connectionId, connectedAt: Date.now(), requestTimeEpoch: Date.now(), requestId: 'request' }
}

/** A query over HTTP as API Gateway passes it to the function. */
export function httpQuery(query: string, token: string) {
  return {
    rawPath: '/graphql',
    rawQueryString: '',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
    requestContext: { http: { method: 'POST' } },
  }
}
