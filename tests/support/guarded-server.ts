import { serveSockets } from './localhost-sockets'

export interface GuardedServer {
  readonly webSocketUrl: string
  /** Sets the only token that is accepted, and the reason given to all others. Closes every connection. */
  readonly changeToken: (token: string, words: string) => void
  readonly close: () => Promise<void>
}

/**
 * Starts a server that accepts `firstToken` in `connection_init`. It refuses any other token as the service does: with
 * a frame of type `4403: <reason>`, then a close with 1000. It runs no operations.
 */
export async function startGuardedServer(firstToken: string): Promise<GuardedServer> {
  let token = firstToken
  let words = 'Unauthorized'
  const { webSocketUrl, sockets, close } = await serveSockets((socket, text) => {
    const { type, payload } = JSON.parse(text) as { type: string; payload?: { authToken?: string } }
    if (type !== 'connection_init') return
    if (payload?.authToken === token) {
      socket.send(JSON.stringify({ type: 'connection_ack' }))
      return
    }
    socket.send(JSON.stringify({ type: `4403: ${words}` }))
    socket.close(1000)
  })
  return {
    webSocketUrl,
    changeToken: (next, nextWords) => {
      token = next
      words = nextWords
      for (const socket of sockets) socket.close(1000)
    },
    close,
  }
}
