/** An event as resolvers get it. */
export interface Envelope<Data> {
  /** The event's own, never the data's: the same id is the same event. */
  readonly id: string
  /** Its number in the log of its key: 1, 2, 3 and so on. Absent on a channel without a log. */
  readonly sequence?: number
  /** When it was logged; on a channel without a log, when it was published. */
  readonly publishedAt: Date
  readonly data: Data
}

/** An event of a channel with a log, as resolvers get it. */
export interface LoggedEnvelope<Data> extends Envelope<Data> {
  readonly sequence: number
}

/** An event on its way to subscribers. */
export interface ChannelEvent {
  readonly id: string
  readonly channel: string
  /** Epoch milliseconds. */
  readonly publishedAtMs: number
  /** Its number in the log, once it is there. */
  readonly sequence?: number | undefined
  /** As it was published: its channel's schema has not seen it yet. Null for a completion. */
  readonly data: unknown
  /** What makes it a completion: subscriptions are ended, and no resolver gets it. */
  readonly completion?: Completion | undefined
}

export interface Completion {
  /** When it was published, in epoch milliseconds, though it may have been logged later. */
  readonly atMs: number
  /** Only the subscriptions of this user. */
  readonly user?: string | undefined
}

/** An event as resolvers get it. Throws an InvalidEvent if its data is not what its channel's schema asks for. */
export async function envelopeOf<Data>(
  { id, sequence, publishedAtMs, data }: ChannelEvent,
  channel: { decode(data: unknown): Promise<Data> },
): Promise<Envelope<Data>> {
  const publishedAt = new Date(publishedAtMs)
  return { id, ...(sequence !== undefined && { sequence }), publishedAt, data: await channel.decode(data) }
}
