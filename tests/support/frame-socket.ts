import { once } from 'node:events'
import { WebSocket } from 'ws'
import { patienceMs } from './patience'

export interface Closing {
  readonly code: number
  readonly reason: string
}

/** A bare WebSocket whose frames are kept as they come, so that none is missed between two looks. */
export interface FrameSocket {
  /** What came so far, as text, in the order in which it came. */
  readonly received: readonly string[]
  /** The sub-protocol that the server answered with; empty if none. */
  readonly protocol: string
  /** A text goes as it is, bytes go as a binary frame, and anything else as its JSON. */
  send(message: unknown): void
  /**
   * Resolves when at least so many frames have come since the socket opened; rejects when it closes first, or with
   * patience lost.
   */
  untilReceived(count: number): Promise<void>
  /** Resolves when the server has closed the socket. */
  untilClosed(): Promise<Closing>
  close(): Promise<void>
}

/** Opens a socket. Rejects with an error whose message holds the HTTP status if the server refuses. */
export async function openFrameSocket(url: string, subprotocols: readonly string[] = []): Promise<FrameSocket> {
  const socket = new WebSocket(url, [...subprotocols])
  const received: string[] = []
  const state: { closing?: Closing; wake: () => void } = { wake: () => undefined }
  socket.on('message', (data: Buffer) => {
    received.push(data.toString())
    state.wake()
  })
  socket.on('close', (code, reason) => {
    state.closing = { code, reason: reason.toString() }
    state.wake()
  })
  await once(socket, 'open')

  /** Resolves with the next frame or the end; rejects when nothing has come for so long that nothing will. */
  const change = async (missing: () => string): Promise<void> => {
    let impatience: NodeJS.Timeout | undefined
    await new Promise<void>((resolve, reject) => {
      state.wake = resolve
      impatience = setTimeout(() => {
        reject(new Error(`${missing()} The frames that came:\n${received.join('\n')}`))
      }, patienceMs)
    })
    clearTimeout(impatience)
  }

  return {
    received,
    protocol: socket.protocol,
    send(message) {
      socket.send(typeof message === 'string' || message instanceof Buffer ? message : JSON.stringify(message))
    },
    async untilReceived(count) {
      while (received.length < count) {
        if (state.closing)
          throw new Error(`Closed (${state.closing.code}) after ${received.length} of ${count} frames.`)
        await change(() => `Only ${received.length} of ${count} frames came.`)
      }
    },
    async untilClosed() {
      while (!state.closing) await change(() => 'The server did not close the socket.')
      return state.closing
    },
    async close() {
      if (state.closing) return
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}
