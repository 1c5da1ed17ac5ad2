import { once } from 'node:events'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { patienceMs } from './patience'

/** A WebSocket with which a test speaks in bare frames. */
export interface BareSocket {
  readonly say: (message: unknown) => void
  /** The next frame that has not been asked for. Rejects when the socket closes, or with its patience lost. */
  readonly next: () => Promise<Frame>
  /** Resolves when the other side has closed the socket. */
  readonly closed: Promise<unknown>
  readonly close: () => void
}

export type Frame = Readonly<Record<string, unknown>>

export interface Dialling {
  readonly protocols?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

const Frame = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()))

/** Opens a socket. Rejects with the status if the handshake is refused. */
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
