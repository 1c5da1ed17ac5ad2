/** API Gateway's event, with the fields that all libraries read. */
function gatewayEvent(connectionId: string, route: { routeKey: string; eventType: string }, body: string | null) {
  const atMs = Date.now()
  return {
    headers: { 'Sec-WebSocket-Protocol': 'graphql-ws' },
    queryStringParameters: null,
    body,
    isBase64Encoded: false,
    requestContext: {
      ...route,
      apiId: 'abcdefghij',
      connectionId,
      connectedAt: atMs,
      domainName: 'localhost',
      stage: 'dev',
      requestId: 'JKJaXmPLvHcESHA=',
      requestTimeEpoch: atMs,
      disconnectStatusCode: 1001,
    },
  }
}

export function connectEvent(connectionId: string) {
  return gatewayEvent(connectionId, { routeKey: '$connect', eventType: 'CONNECT' }, null)
}

export function disconnectEvent(connectionId: string) {
  return gatewayEvent(connectionId, { routeKey: '$disconnect', eventType: 'DISCONNECT' }, null)
}

export function messageEvent(connectionId: string, message: object) {
  return gatewayEvent(connectionId, { routeKey: '$default', eventType: 'MESSAGE' }, JSON.stringify(message))
}
