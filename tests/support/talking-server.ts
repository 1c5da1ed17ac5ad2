import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export interface TalkingServer {
  readonly webSocketUrl: string
  readonly untilSubscribed: () => Promise<void>
  /** Delivers this many new messages: `Message 1`, `Message 2` and so on. */
  readonly say: (count: number) => void
  /** Delivers all messages so far once more. */
  readonly repeat: () => void
  readonly close: () => Promise<void>
}

interface Subscriber {
  readonly socket: WebSocket
  readonly id: string
}

/**
 * Starts a server that speaks the part of subscriptions-transport-ws needed to deliver thousands of messages at once,
 * which would take the real service minutes. The first subscription receives them. Mutations are not answered.
 */
export async function startTalkingServer(): Promise<TalkingServer> {
  const server = new WebSocketServer({ port: 0, host: 'localhost' })
  await once(server, 'listening')
  const subscribed = firstSubscriber(server)
  let subscriber: Subscriber | undefined
  let said = 0
  const deliver = (number: number): void => {
    subscriber?.socket.send(JSON.stringify({ type: 'data', id: subscriber.id, payload: { data: message(number) } }))
  }
  return {
    webSocketUrl: `ws://localhost:${(server.address() as AddressInfo).port}`,
    untilSubscribed: async () => {
      subscriber = await subscribed
    },
    say: (count) => {
      for (let more = count; more > 0; more--) deliver(++said)
    },
    repeat: () => {
      for (let number = 1; number <= said; number++) deliver(number)
    },
    close: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}

function firstSubscriber(server: WebSocketServer): Promise<Subscriber> {
  return new Promise((resolve) => {
    server.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        const { type, id, payload } = JSON.parse(data.toString()) as ClientFrame
        if (type === 'connection_init') socket.send(JSON.stringify({ type: 'connection_ack' }))
        if (type === 'start' && payload?.operationName === 'Messages') resolve({ socket, id })
      })
    })
  })
}

interface ClientFrame {
  readonly type: string
  readonly id: string
  readonly payload?: { readonly operationName?: string }
}

const startMs = Date.parse('2026-01-01T10:00:00Z')

/** A message whose length and author depend on its number. */
function message(number: number): object {
  const text = `Un message ${'assez long '.repeat((number % 7) * 4)}`
  return {
    messages: {
      __typename: 'Message',
      id: `${number} fr`,
      requestId: `request ${number}`,
      text,
      language: 'fr',
      sourceText: `Message ${number}`,
      sourceLanguage: 'en',
      author: number % 3 === 0 ? 'Ada' : 'Ben',
      sentAt: new Date(startMs + number * 20_000).toISOString(),
    },
  }
}
