import { openFrameSocket } from '../support/frame-socket'
import { until } from '../support/until'

/** A step of a client: an action, and what it waits for. */
export type Step =
  /** Sends a message, and waits for this many frames. Default: 0. */
  | { readonly send: unknown; readonly frames?: number }
  /** Sends a message that ends the connection, and waits for the close. */
  | { readonly send: unknown; readonly closes: true }
  /** Waits until this many subscriptions listen to the board, because neither protocol confirms a subscription. */
  | { readonly listeners: number }

/** A server to play a transcript against. */
export interface Player {
  readonly url: string
  readonly subprotocols: readonly string[]
  /** The number of subscriptions to the tagged notes of a board. */
  readonly listeners: (board: string) => Promise<number>
}

/**
 * What a client receives: the parsed frames of each step, then those after the last step; and whether the connection
 * was closed.
 */
export interface Transcript {
  readonly steps: readonly (readonly unknown[])[]
  readonly closed: boolean
}

/**
 * Plays a client against a server. After the last step it sends `fence`, whose answer is known, so that surplus frames
 * are found. It replaces ids and dates, which differ each time, with words. It sorts the frames of a step by id,
 * because a server may send frames of different operations in any order.
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

/** The frame that this service sends instead of a close code: the deviation `current-close-codes`. */
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
