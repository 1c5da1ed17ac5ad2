import { once } from 'node:events'
import { WebSocket } from 'ws'
import { patienceMs } from './patience'

export interface Closing {
  readonly code: number
  readonly reason: string
}

/** A WebSocket without a client library. It keeps all frames, so a test misses none between two checks. */
export interface FrameSocket {
  /** All frames so far as text, in order of arrival. */
  readonly received: readonly string[]
  /** The sub-protocol that the server selected; empty if none. */
  readonly protocol: string
  /** Sends a string as a text frame, a Buffer as a binary frame, and anything else as JSON. */
  send(message: unknown): void
  /**
   * Resolves when at least `count` frames have arrived since the socket was opened. Rejects if the socket closes first,
   * or if nothing arrives for `patienceMs`.
   */
  untilReceived(count: number): Promise<void>
  /** Resolves when the socket is closed. Rejects if nothing arrives for `patienceMs`. */
  untilClosed(): Promise<Closing>
  close(): Promise<void>
}

/** Opens a socket. If the handshake is refused, rejects with an error whose message has the HTTP status. */
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

  /** Resolves at the next frame or at the close. After `patienceMs`, rejects with `missing()` and all frames so far. */
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
