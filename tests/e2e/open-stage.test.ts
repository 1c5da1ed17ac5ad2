import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'
import { type Issuer, startIssuer } from '../support/issuer'
import { type Service, startService } from '../support/service'
import { untilListening } from '../support/until-listening'

/** A stage that lets anyone in, and has an issuer of tokens for what is a user's own. */
let issuer: Issuer
let service: Service
const sockets: SubscriptionClient[] = []

beforeAll(async () => {
  issuer = await startIssuer()
  service = await startService({ env: { TOKEN_ISSUER: issuer.endpoint, TOKEN_AUDIENCE: issuer.audience } })
}, 90_000)

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close()
})

afterAll(async () => {
  await service.stop()
  await issuer.close()
}, 30_000)

// `start` did not wait for the connection_init right ahead of it, and was refused in three of four tries.
it('a client of the legacy protocol may subscribe to its inbox right behind connection_init', async () => {
  const connections = 4
  const refusals: unknown[] = []
  for (let n = 0; n < connections; n++) {
    const socket = connect({ authToken: await issuer.token({ sub: 'ann' }) })
    socket.request({ query: 'subscription { inbox { text } }' }).subscribe({ error: (error) => refusals.push(error) })
  }
  const { dynamoDbEndpoint } = service
  await untilListening({ dynamoDbEndpoint, topic: 'inbox#ann', subscribers: connections })
  expect(refusals).toEqual([])
}, 30_000)

it('a client of the legacy protocol without a token is answered as soon as it is acknowledged', async () => {
  const greeting = { data: { getEvent: 'Hello from Apollo!' } }
  expect(await firstResult(connect({}), '{ getEvent }')).toEqual(greeting)
})

function connect(connectionParams: Readonly<Record<string, unknown>>): SubscriptionClient {
  const socket = new SubscriptionClient(service.webSocketUrl, { minTimeout: 10_000, connectionParams }, WebSocket, [])
  sockets.push(socket)
  return socket
}

function firstResult(socket: SubscriptionClient, query: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.request({ query }).subscribe({ next: resolve, error: reject })
  })
}
