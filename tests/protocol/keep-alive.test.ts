import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { type WebSocket as ServerSocket, WebSocket, WebSocketServer } from 'ws'
import { keepAliveFrames } from '../../lib/protocol/keep-alive'

let server: WebSocketServer
let url: string

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: 'localhost' })
  await once(server, 'listening')
  url = `ws://localhost:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  for (const socket of server.clients) socket.terminate()
  server.close()
})

/**
 * Connects a client of subscriptions-transport-ws and starts a subscription. @returns the client, the data it receives,
 * and the server's socket
 */
async function connectLegacy() {
  const client = new SubscriptionClient(url, { minTimeout: 10_000 }, WebSocket, []) // for the handshake
  const heard: unknown[] = []
  client.request({ query: 'subscription { chat }' }).subscribe({ next: ({ data }) => heard.push(data) })
  const [socket] = (await once(server, 'connection')) as [ServerSocket]
  await once(socket, 'message')
  // Not earlier: the same timeout limits the handshake, which takes longer than this on a busy machine.
  Reflect.set(client, 'wsTimeout', 50)
  socket.send(JSON.stringify({ type: 'connection_ack' }))
  return { client, heard, socket }
}

it('the legacy frame keeps subscriptions-transport-ws connected, while "ka" does not', async () => {
  const kept = await connectLegacy()
  const dropped = await connectLegacy()
  kept.socket.send(keepAliveFrames.legacy)
  dropped.socket.send(JSON.stringify({ type: 'ka' }))
  await once(dropped.socket, 'close')
  expect(kept.socket.readyState).toBe(WebSocket.OPEN)

  const heard = new Promise((resolve) => kept.client.request({ query: '{ a }' }).subscribe({ next: resolve }))
  kept.socket.send(JSON.stringify({ type: 'data', id: '2', payload: { data: { a: 1 } } }))
  expect(await heard).toEqual({ data: { a: 1 } })
  for (const { client } of [kept, dropped]) {
    client.close()
    // close() does not end this timer of a dropped client.
    clearInterval(Reflect.get(client, 'checkConnectionIntervalId') as NodeJS.Timeout)
  }
})

it('the current frame is answered by graphql-ws with a pong', async () => {
  const client = createClient({ url, webSocketImpl: WebSocket, lazy: false })
  const [socket] = (await once(server, 'connection')) as [ServerSocket]
  await once(socket, 'message')
  socket.send(JSON.stringify({ type: 'connection_ack' }))
  socket.send(keepAliveFrames.current)
  const [answer] = (await once(socket, 'message')) as [Buffer]
  expect(JSON.parse(answer.toString())).toEqual({ type: 'pong' })
  await client.dispose()
})
