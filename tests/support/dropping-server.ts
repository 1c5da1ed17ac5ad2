import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws'
import { WebSocketServer } from 'ws'

export interface DroppingServer {
  readonly webSocketUrl: string
  /** The texts of all mutations that came, each as often as it came. */
  readonly received: () => readonly string[]
  readonly close: () => Promise<void>
}

/**
 * Takes a mutation and breaks the connection in place of an answer, the first time; answers from then on. Speaks both
 * protocols.
 */
export async function startDroppingServer(): Promise<DroppingServer> {
  const received: string[] = []
  const server = new WebSocketServer({
    port: 0,
    host: 'localhost',
    handleProtocols: (protocols) => protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL,
  })
  await once(server, 'listening')
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const { type, id, payload } = JSON.parse(data.toString()) as ClientFrame
      if (type === 'connection_init') socket.send(JSON.stringify({ type: 'connection_ack' }))
      if (payload?.operationName !== 'SendMessage') return
      received.push(payload.variables.text)
      if (received.length === 1) {
        socket.terminate()
        return
      }
      const sentMessage = { __typename: 'SentMessage', id: String(received.length), sentAt: new Date().toISOString() }
      const result = type === 'start' ? 'data' : 'next'
      socket.send(JSON.stringify({ type: result, id, payload: { data: { sendMessage: sentMessage } } }))
      socket.send(JSON.stringify({ type: 'complete', id }))
    })
  })
  return {
    webSocketUrl: `ws://localhost:${(server.address() as AddressInfo).port}`,
    received: () => received,
    close: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}

interface ClientFrame {
  readonly type: string
  readonly id?: string
  readonly payload?: { readonly operationName?: string; readonly variables: { readonly text: string } }
}
