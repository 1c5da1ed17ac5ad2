import type { Subscriber } from '../clients/subscribers'
import type { ReplayTask } from './assignment'

export interface Missing {
  /** Of the connection, if it has one: where its subscription was cut is noted there. */
  readonly session?: string | undefined
  /** The number of the last event that the client has, if it said so. */
  readonly after?: number | undefined
}

/** Asks a publisher to give a subscription what it missed. */
export function replayTask({ connectionId, operationId, operation }: Subscriber, missing: Missing): ReplayTask {
  return { replay: { connectionId, operationId, operation }, ...missing }
}
