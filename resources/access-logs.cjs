'use strict'

/**
 * A line of each access log, as JSON of API Gateway's variables ("Configure logging for WebSocket APIs", "Customize HTTP API access logs").
 * No variable holds a header, a query string or a body, so no token is written.
 */
const lineOf = (variables) =>
  JSON.stringify(
    Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, `$context.${variable}`])),
  )

const ofBoth = {
  requestId: 'requestId',
  requestedAtMs: 'requestTimeEpoch',
  ip: 'identity.sourceIp',
  userAgent: 'identity.userAgent',
  routeKey: 'routeKey',
  status: 'status',
  error: 'error.message',
  integrationStatus: 'integration.status',
  integrationMs: 'integration.latency',
  integrationError: 'integration.error',
}

exports.webSocket = lineOf({ ...ofBoth, eventType: 'eventType', connectionId: 'connectionId' })
exports.http = lineOf({ ...ofBoth, protocol: 'protocol', responseBytes: 'responseLength' })
