import { afterEach, expect, it } from '@jest/globals'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'
import { sharedService } from '../support/shared-service'
import { untilListening } from '../support/until-listening'

/** The local service: an open stage with a token issuer. Anyone may connect; a user's own events require a token. */
const service = sharedService('fixture')
const sockets: SubscriptionClient[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close()
})

it('a legacy client without a token is served', async () => {
  const greeting = { data: { hello: 'Hello' } }
  expect(await firstResult(connect({}), '{ hello }')).toEqual(greeting)
})

// Regression: `start` did not wait for the connection_init right before it, and was refused in three of four attempts.
it('a legacy client may subscribe to the events of its user right after connection_init', async () => {
  const { dynamoDbEndpoint } = service
  for (let subscribers = 1; subscribers <= 4; subscribers++) {
    const socket = connect({ authToken: await tokenOf('ann') })
    const refusal = firstResult(socket, 'subscription { mine { text } }')
    const listening = untilListening({ dynamoDbEndpoint, topic: 'person#ann', subscribers })
    expect(await Promise.race([listening, refusal])).toBeUndefined()
  }
})

async function tokenOf(user: string): Promise<string> {
  return (await fetch(`${String(service.tokenUrl)}?sub=${user}`)).text()
}

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
