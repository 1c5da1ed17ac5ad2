import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi'
import { connectionIdOf, frameFor } from '../model'
import { concurrency, environmentOf } from './environment'
import { inParallel } from './in-parallel'
import { measure } from './measure'

/** Only posts of the same frames, with the SDK's client. */
measure(() => {
  const { callbackUrl, credentials } = environmentOf(process.env)
  const client = new ApiGatewayManagementApiClient({
    endpoint: callbackUrl,
    region: 'us-east-1',
    credentials,
    requestHandler: { httpsAgent: { maxSockets: concurrency, keepAlive: true } },
  })
  const post = (n: number) =>
    client.send(new PostToConnectionCommand({ ConnectionId: connectionIdOf(n), Data: frameFor(n) }))
  return ({ listeners }) => inParallel(listeners, post)
})
