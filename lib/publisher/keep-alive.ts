import type { Sessions } from '../clients/sessions'
import type { Subscriber } from '../clients/subscribers'
import { keepAliveFrames } from '../protocol/keep-alive'
import { type Deliver, sharedText } from '../gateway/connections'
import { type Clock, createFanOut, type FanOutSettings } from './fan-out'

export interface KeepingAlive {
  readonly due: AsyncIterable<readonly Subscriber[]>
  readonly callbackUrl: string
  readonly deliver: Deliver
  readonly sessions: Pick<Sessions, 'end'>
  readonly settings: FanOutSettings
  readonly clock: Clock
}

export interface KeepAliveReport {
  /** Connections that were sent something. */
  readonly kept: number
  readonly gone: number
  /** Those that could not be reached: it is their turn again before they are ended, or else they come back. */
  readonly missed: number
}

/**
 * Sends every connection whose turn it is a frame that its client needs no code for, until a time in epoch milliseconds. Those that
 * are gone are deleted, and noted as cut.
 */
export async function keepAlive(keeping: KeepingAlive, deadlineMs: number): Promise<KeepAliveReport> {
  const { due, callbackUrl, deliver, sessions, settings, clock } = keeping
  const gone: string[] = []
  let kept = 0
  const fanOut = createFanOut({
    settings,
    clock,
    deadlineMs,
    post: ({ connectionId, operation }) => {
      const head = operation === 'graphql-transport-ws' ? frames.current : frames.legacy
      return deliver({ callbackUrl, connectionId, head, rest: '' })
    },
    onSettled: ({ connectionId }, { kind }) => {
      if (kind === 'delivered') kept++
      else if (kind === 'gone') gone.push(connectionId)
    },
  })
  for await (const connections of due) {
    fanOut.add(connections)
    await fanOut.room()
    if (fanOut.isOver) break
  }
  const left = await fanOut.end()
  for (const connectionId of gone) await sessions.end(connectionId, { atMs: clock.now(), exact: false })
  return { kept, gone: gone.length, missed: left.length }
}

const frames = { current: sharedText(keepAliveFrames.current), legacy: sharedText(keepAliveFrames.legacy) }
