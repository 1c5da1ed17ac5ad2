/** What the core knows of a channel, whatever its data. */
export interface ChannelDefinition {
  readonly name: string
  /** Whether its events are logged. */
  readonly log: boolean
  /** Reads data as it was published. Throws an InvalidEvent that names the member which is wrong. */
  decode(data: unknown): Promise<unknown>
}

/** The channels of an API, by name. */
export type Channels = ReadonlyMap<string, ChannelDefinition>
