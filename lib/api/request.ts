import type { LoggedChannel } from '../channels/channel'
import type { LoggedEnvelope } from '../channels/envelope'
import type { Keys } from '../channels/topic'
import type { Identity } from '../identity'
import type { Publish } from './create-publisher'

/** The input of `context`, for one operation. */
export interface Request {
  /** The identity that the client's token asserts; undefined without a token. */
  readonly identity: Identity | undefined
  readonly publish: Publish
  readonly read: ReadLog
}

export interface LogPage {
  /** Reads events after this `sequence`. Default: 0, the oldest event that has not expired. */
  readonly after?: number | undefined
  /** The maximum number of events. */
  readonly first: number
  /** Only events that have one of these tags. Default: all events. */
  readonly tags?: readonly string[] | undefined
}

/**
 * Reads events from a channel's log: the first events of a key after a given `sequence`, in order. Throws a
 * GraphQLError with the code BAD_USER_INPUT if keys, tags or page are invalid, because these usually come from a
 * client's arguments.
 */
export type ReadLog = <Data>(
  channel: LoggedChannel<Data, never>,
  keys: Keys,
  page: LogPage,
) => Promise<readonly LoggedEnvelope<Data>[]>
