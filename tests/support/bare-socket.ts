import { once } from 'node:events'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { patienceMs } from './patience'

/** A WebSocket without a client library. It sends and receives JSON frames. */
export interface BareSocket {
  readonly say: (message: unknown) => void
  /**
   * Resolves with the oldest frame that was not yet returned. Rejects if there is none and the socket is closed, or if
   * none arrives within `patienceMs`.
   */
  readonly next: () => Promise<Frame>
  /** Resolves when the socket is closed by either side. */
  readonly closed: Promise<unknown>
  readonly close: () => void
}

export type Frame = Readonly<Record<string, unknown>>

export interface Dialling {
  readonly protocols?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

const Frame = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()))

/** Opens a socket. If the handshake is refused, rejects with an error whose message has the HTTP status. */
export async function dial(url: string, { protocols = [], headers = {} }: Dialling = {}): Promise<BareSocket> {
  const socket = new WebSocket(url, [...protocols], { headers })
  const frames: Frame[] = []
  socket.on('message', (data: Buffer) => frames.push(v.parse(Frame, data.toString())))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await once(socket, 'open')
  const next = async (): Promise<Frame> => {
    const signal = AbortSignal.timeout(patienceMs)
    while (frames.length === 0) {
      if (socket.readyState === WebSocket.CLOSED) throw new Error('The socket is closed.')
      await Promise.race([once(socket, 'message', { signal }), closed])
    }
    const [frame] = frames.splice(0, 1)
    if (!frame) throw new Error('There is no frame.')
    return frame
  }
  return {
    say: (message) => {
      socket.send(JSON.stringify(message))
    },
    next,
    closed,
    close: () => {
      socket.close()
    },
  }
}
