import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { serveSockets } from './localhost-sockets'

export interface GuardedServer {
  readonly webSocketUrl: string
  /** From now on, this token lets in and no other does. Ends every connection, as `words` say. */
  readonly changeToken: (token: string, words: string) => void
  /** From now on, it refuses without a word, as API Gateway does over graphql-ws. */
  readonly fallSilent: () => void
  readonly close: () => Promise<void>
}

/**
 * Lets in who shows the token in `connection_init`, and refuses everybody else in the words of each protocol: `connection_error`
 * and a close (subscriptions-transport-ws), or a close with code and reason (graphql-ws). Runs no operation.
 */
export async function startGuardedServer(firstToken: string): Promise<GuardedServer> {
  let token = firstToken
  let silent = false
  const { webSocketUrl, sockets, close } = await serveSockets((socket, text) => {
    const { type, payload } = JSON.parse(text) as { type: string; payload?: { authToken?: string } }
    if (type !== 'connection_init') return
    if (payload?.authToken === token) socket.send(JSON.stringify({ type: 'connection_ack' }))
    else if (silent) socket.close()
    else refuse(socket, 'Unauthorized')
  })
  return {
    webSocketUrl,
    changeToken: (next, words) => {
      token = next
      silent = false
      for (const socket of sockets) refuse(socket, words)
    },
    fallSilent: () => {
      silent = true
    },
    close,
  }
}

function refuse(socket: WebSocket, words: string): void {
  if (socket.protocol === GRAPHQL_TRANSPORT_WS_PROTOCOL) {
    socket.close(CloseCode.Forbidden, words)
    return
  }
  socket.send(JSON.stringify({ type: 'connection_error', payload: { message: words } }))
  socket.close(1011)
}
