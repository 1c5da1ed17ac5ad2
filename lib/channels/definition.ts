import type { reconcile } from '../presence/reconcile'

/** A channel as the core sees it, whatever the type of its data. */
export interface ChannelDefinition {
  readonly name: string
  /** Whether its events are logged. */
  readonly log: boolean
  /** `latest`: an event is dropped if a newer one of its key was published. */
  readonly ordered?: 'latest' | undefined
  /** On an ordered channel, the maximum number of events per key and second; undefined: no limit. */
  readonly maxPerSecond?: number | undefined
  /** Set on a presence channel, so that other services do not load its code. */
  readonly reconcile?: typeof reconcile | undefined
  /** Validates published data. Throws an InvalidEvent that names the invalid member. */
  decode(data: unknown): Promise<unknown>
}

/** The channels of an API, by name. */
export type Channels = ReadonlyMap<string, ChannelDefinition>
