import { openFrameSocket } from '../support/frame-socket'
import { until } from '../support/until'

/** One thing that a client does, and what it then waits for. */
export type Step =
  /** Sends a message, and waits for so many frames: none if left out. */
  | { readonly send: unknown; readonly frames?: number }
  /** Sends a message that ends the connection, and waits for the end. */
  | { readonly send: unknown; readonly closes: true }
  /** Waits until so many subscriptions listen to the board: neither protocol has a frame that says so. */
  | { readonly listeners: number }

/** A server as the player of transcripts sees it. */
export interface Player {
  readonly url: string
  readonly subprotocols: readonly string[]
  /** How many subscriptions listen to the tagged notes of a board. */
  readonly listeners: (board: string) => Promise<number>
}

/** What a client sees: for each step the frames that came, parsed; then what came behind them; then the end. */
export interface Transcript {
  readonly steps: readonly (readonly unknown[])[]
  readonly closed: boolean
}

/**
 * Plays a client against a server. Behind the last step comes a message whose answer is known, so that a frame too many
 * would be seen. Ids and dates that differ each time are replaced by words. Frames of one step are put in order by
 * their ids: the order of the frames of different operations is left to the server.
 */
export async function play(
  { board, steps, fence }: { board: string; steps: readonly Step[]; fence: unknown },
  { url, subprotocols, listeners }: Player,
): Promise<Transcript> {
  const socket = await openFrameSocket(url, subprotocols)
  const seen: (readonly unknown[])[] = []
  let taken = 0
  const take = async (count: number): Promise<void> => {
    await socket.untilReceived(taken + count)
    seen.push(normalised(socket.received.slice(taken, taken + count)))
    taken += count
  }
  try {
    for (const step of steps) {
      if ('listeners' in step) {
        await until(
          () => listeners(board),
          (count) => count === step.listeners,
        )
        continue
      }
      socket.send(step.send)
      if ('closes' in step) {
        await socket.untilClosed()
        seen.push(normalised(socket.received.slice(taken).filter((frame) => !closeCodeFrame.test(frame))))
        return { steps: seen, closed: true }
      }
      await take(step.frames ?? 0)
    }
    socket.send(fence)
    await socket.untilReceived(taken + 1)
    seen.push(normalised(socket.received.slice(taken)))
    return { steps: seen, closed: false }
  } finally {
    await socket.close()
  }
}

/** What this service sends in place of a close code: the deviation `current-close-codes`. */
const closeCodeFrame = /^{"type":"44\d\d: /

const uuid = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g
const isoDate = /\d{4}-\d\d-\d\dT[\d:.]+Z/g

function normalised(frames: readonly string[]): unknown[] {
  return frames
    .map((frame) => JSON.parse(frame.replace(uuid, 'an id').replace(isoDate, 'a date')) as unknown)
    .map((frame) => ({ frame, id: idOf(frame) }))
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    .map(({ frame }) => frame)
}

function idOf(frame: unknown): string {
  return typeof frame === 'object' && frame !== null && 'id' in frame ? String(frame.id) : ''
}
