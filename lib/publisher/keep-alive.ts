import type { Subscriber } from '../clients/subscriber'
import { keepAliveFrames } from '../protocol/keep-alive'
import { sharedText } from '../gateway/connections'
import { cutOff, type CutOff, type Unservable } from './cut-off'
import { createFanOut, type FanOutSettings } from './fan-out'
import type { Times } from './publish'
import type { Publisher } from './publisher'

export interface KeepingAlive extends CutOff, Pick<Publisher, 'deliver' | 'refusalRate'> {
  readonly due: AsyncIterable<readonly Subscriber[]>
  readonly callbackUrl: string
  readonly settings: FanOutSettings
}

export interface KeepAliveReport {
  /** Connections that received a frame. */
  readonly kept: number
  /** Connections that were gone or stalled: they were closed and deleted. */
  readonly cutOff: number
  /**
   * Connections that could not be reached. They either get their next keep-alive in time, or are closed and reconnect.
   */
  readonly missed: number
}

/**
 * Sends each due connection a keep-alive frame that its client ignores. Connections that cannot be served are cut off.
 */
export async function keepAlive(keeping: KeepingAlive, { deadlineMs, endMs }: Times): Promise<KeepAliveReport> {
  const { due, callbackUrl, deliver, settings, clock, refusalRate } = keeping
  const unservable: Unservable[] = []
  let kept = 0
  const fanOut = createFanOut({
    settings,
    clock,
    refusalRate,
    deadlineMs,
    post: ({ connectionId, operation }) => {
      const head = operation === 'graphql-transport-ws' ? frames.current : frames.legacy
      return deliver({ callbackUrl, connectionId, head, rest: '' })
    },
    onSettled: ({ connectionId }, { kind }) => {
      if (kind === 'delivered') kept++
      else unservable.push({ connectionId, why: kind === 'gone' ? kind : 'stalled' })
    },
  })
  for await (const connections of due) {
    fanOut.add(connections)
    if (!(await fanOut.room())) break
  }
  const unserved = await fanOut.end()
  const notCutOff = await cutOff(unservable, keeping, endMs)
  return { kept, cutOff: unservable.length - notCutOff.size, missed: unserved.length + notCutOff.size }
}

const frames = { current: sharedText(keepAliveFrames.current), legacy: sharedText(keepAliveFrames.legacy) }
