import type { reconcile } from '../presence/reconcile'

/** What the core knows of a channel, whatever its data. */
export interface ChannelDefinition {
  readonly name: string
  /** Whether its events are logged. */
  readonly log: boolean
  /** Whether an event that is older than one of the same key is dropped. */
  readonly ordered?: 'latest' | undefined
  /** How many events of a key are published in a second, on an ordered channel; all if left out. */
  readonly maxPerSecond?: number | undefined
  /** Of a channel of who is there: so that a service without one does not load it. */
  readonly reconcile?: typeof reconcile | undefined
  /** Reads data as it was published. Throws an InvalidEvent that names the member which is wrong. */
  decode(data: unknown): Promise<unknown>
}

/** The channels of an API, by name. */
export type Channels = ReadonlyMap<string, ChannelDefinition>
