import type { Measurement } from '../contenders/measure'
import type { ContenderName } from '../contenders/names'
import type { Contender } from '../contenders/start'
import { everyone } from '../model'
import type { StandInCommand } from '../stand-ins/commands'
import type { StandIns } from '../stand-ins/start'

interface Publishing {
  readonly name: ContenderName
  readonly contender: Contender
  readonly subscribers: number
  readonly standIns: StandIns
  readonly command: StandInCommand
}

/**
 * Measures a publish in a process that has just made another one. So connections that were idle during other
 * contenders' turns are open again, and the end of the log is known, although another process has written to it since.
 */
export async function publishWarm(publishing: Publishing): Promise<Measurement> {
  await publishing.contender.publish(everyone(Math.min(publishing.subscribers, 100)))
  return publishServed(publishing)
}

/** Measures a publish, and checks that every subscriber received its frame exactly once. */
export async function publishServed({ name, contender, subscribers, ...how }: Publishing): Promise<Measurement> {
  const { standIns, command } = how
  await standIns.behave(command)
  const measurement = await contender.publish(everyone(subscribers))
  const { served, frames } = await standIns.behave(command)
  if (name !== 'stateful' && (served !== subscribers || frames !== subscribers)) {
    throw new Error(`${frames} frames to ${served} connections`)
  }
  return measurement
}
