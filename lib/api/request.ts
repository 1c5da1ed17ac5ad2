import type { LoggedChannel } from '../channels/channel'
import type { LoggedEnvelope } from '../channels/envelope'
import type { Keys } from '../channels/topic'
import type { Identity } from '../identity'
import type { Publish } from './create-publisher'

/** What the context of an operation is made from. */
export interface Request {
  /** Who asks; undefined if they have shown no token. */
  readonly identity: Identity | undefined
  readonly publish: Publish
  readonly read: ReadLog
}

export interface LogPage {
  /** The `sequence` after which to begin; 0, the beginning of what is kept, if left out. */
  readonly after?: number | undefined
  /** How many at most. */
  readonly first: number
  /** Only events with one of these tags. */
  readonly tags?: readonly string[] | undefined
}

/**
 * Reads a channel's log: the first events of a key after a number, in their order. Throws a GraphQLError with the code BAD_USER_INPUT if
 * keys, tags or page cannot be: they are mostly a client's arguments.
 */
export type ReadLog = <Data>(
  channel: LoggedChannel<Data, never>,
  keys: Keys,
  page: LogPage,
) => Promise<readonly LoggedEnvelope<Data>[]>
