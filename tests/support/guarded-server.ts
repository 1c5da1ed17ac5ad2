import { serveSockets } from './localhost-sockets'

export interface GuardedServer {
  readonly webSocketUrl: string
  /** From now on, this token lets in, and all others are refused with these words. Ends every connection. */
  readonly changeToken: (token: string, words: string) => void
  readonly close: () => Promise<void>
}

/**
 * Lets in who shows the token in `connection_init`, and refuses everybody else as the service does. Runs no operation.
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
