import type { PublisherName } from '../contenders/names'
import { startContender } from '../contenders/start'
import { everyone, type Room } from '../model'
import type { StandIns } from '../stand-ins/start'
import { type Plan, reasonOf } from './plan'

export interface PublishCalls {
  readonly contender: PublisherName
  readonly room: Room
  /** Whether the event's channel is ephemeral. This project has both kinds. */
  readonly isEphemeral?: boolean
  readonly calls: Readonly<Record<string, number>>
  readonly readUnits: number
  readonly writeUnits: number
  readonly executions: number
  readonly failure?: string
}

const rooms: readonly Room[] = [everyone(10_000), { wanting: 10, listeners: 10_000 }, everyone(0)]

/**
 * Counts calls, units and executions of one publish, in a process that has published to this room before, if that
 * matters.
 */
export async function countPublishCalls(standIns: StandIns, { publishers }: Plan): Promise<readonly PublishCalls[]> {
  const rows: PublishCalls[] = []
  for (const contender of publishers.filter((name) => name !== 'project-http1')) {
    const { publish, stop } = await startContender(contender, standIns, { FUNCTIONS: 'functions-counting' })
    for (const room of rooms) {
      try {
        await publish(contender === 'project' ? room : everyone(1))
        await standIns.behave({ delayMs: 0 })
        const { executions } = await publish(room)
        const { served, frames, ...counts } = await standIns.behave({ delayMs: 0 })
        if (served !== room.wanting || frames !== served)
          throw new Error(`${frames} frames to ${served} connections, expected ${room.wanting} of each`)
        rows.push({ contender, room, executions, ...counts })
      } catch (error) {
        const nothing = { calls: {}, readUnits: NaN, writeUnits: NaN, executions: NaN }
        rows.push({ contender, room, ...nothing, failure: reasonOf(error) })
      }
    }
    stop()
  }
  return rows
}
