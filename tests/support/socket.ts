import { once } from 'node:events'
import WebSocket from 'ws'

/** A WebSocket without a library's help: it sends what it is given and keeps what it gets until somebody asks. */
export interface Socket {
  send(message: unknown): void
  /** The next message, parsed. Rejects if none comes within 10 s, with those that came before. */
  next(): Promise<unknown>
  close(): Promise<void>
}

const patienceMs = 10_000

/** Resolves when the connection is open. The caller closes it. */
export async function openSocket(url: string, protocols: readonly string[] = []): Promise<Socket> {
  const socket = new WebSocket(url, [...protocols])
  const received: unknown[] = []
  const waiting: ((message: unknown) => void)[] = []
  socket.on('message', (data: Buffer) => {
    const message: unknown = JSON.parse(data.toString())
    const first = waiting.shift()
    if (first) first(message)
    else received.push(message)
  })
  await once(socket, 'open')
  return {
    send: (message) => {
      socket.send(typeof message === 'string' ? message : JSON.stringify(message))
    },
    next: () => (received.length > 0 ? Promise.resolve(received.shift()) : nextMessage(waiting)),
    close: async () => {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

function nextMessage(waiting: ((message: unknown) => void)[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`No message came within ${patienceMs} ms.`))
    }, patienceMs)
    waiting.push((message) => {
      clearTimeout(timer)
      resolve(message)
    })
  })
}
