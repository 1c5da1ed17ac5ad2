import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { sdkTimeOuts } from '../../lib/aws/sdk-time-outs'
import { accept, type ConnectionsServer, startConnectionsServer } from '../publisher/support/connections-server'

let server: ConnectionsServer
beforeEach(async () => {
  server = await startConnectionsServer()
})
afterEach(() => server.close())

// Regression: an unanswered call of the SDK lasted until Lambda ended the invocation, and the client's message was
// lost.
it('the SDK abandons an unanswered call and retries it', async () => {
  const management = new ApiGatewayManagementApiClient({
    endpoint: server.callbackUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    requestHandler: sdkTimeOuts,
  })
  server.behaviour = (post, response) => {
    if (server.posts.length > 1) accept(post, response)
  }
  await management.send(new PostToConnectionCommand({ ConnectionId: 'c', Data: 'frame' }))
  expect(server.posts.map(({ body }) => body)).toEqual(['frame', 'frame'])
  management.destroy()
}, 10_000)
