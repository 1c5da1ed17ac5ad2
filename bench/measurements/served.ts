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

/** A publish that counts: everyone got their frame, once. */
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
