import { serveSockets } from './localhost-sockets'

export interface DroppingServer {
  readonly webSocketUrl: string
  /** The texts of all mutations received, repetitions included. */
  readonly received: () => readonly string[]
  readonly close: () => Promise<void>
}

/**
 * Starts a server of both protocols that breaks the connection instead of answering the first `SendMessage` mutation.
 * It answers all later ones.
 */
export async function startDroppingServer(): Promise<DroppingServer> {
  const received: string[] = []
  const { webSocketUrl, close } = await serveSockets((socket, text) => {
    const { type, id, payload } = JSON.parse(text) as ClientFrame
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
  return { webSocketUrl, received: () => received, close }
}

interface ClientFrame {
  readonly type: string
  readonly id?: string
  readonly payload?: { readonly operationName?: string; readonly variables: { readonly text: string } }
}
