import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'

export interface LocalhostSockets {
  readonly webSocketUrl: string
  readonly sockets: ReadonlySet<WebSocket>
  readonly close: () => Promise<void>
}

/** Serves WebSockets of both protocols on a free port of localhost. The caller closes the server. */
export async function serveSockets(onMessage: (socket: WebSocket, text: string) => void): Promise<LocalhostSockets> {
  const server = new WebSocketServer({
    port: 0,
    host: 'localhost',
    handleProtocols: (protocols) => protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL,
  })
  await once(server, 'listening')
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      onMessage(socket, data.toString())
    })
  })
  return {
    webSocketUrl: `ws://localhost:${(server.address() as AddressInfo).port}`,
    sockets: server.clients,
    close: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}
