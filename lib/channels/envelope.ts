/** An event as resolvers receive it. */
export interface Envelope<Data> {
  /** Identifies the event, not its data: events with the same id are the same event. */
  readonly id: string
  /** The event's number in the log of its key: 1, 2, 3 and so on. Absent on an ephemeral channel. */
  readonly sequence?: number
  /** When the event was logged; on an ephemeral channel, when it was published. */
  readonly publishedAt: Date
  readonly data: Data
}

/** An event of a logged channel as resolvers receive it. */
export interface LoggedEnvelope<Data> extends Envelope<Data> {
  readonly sequence: number
}

/** An event on its way to subscribers. */
export interface ChannelEvent {
  readonly id: string
  readonly channel: string
  /** Epoch milliseconds. */
  readonly publishedAtMs: number
  /** The event's number in the log, once it is logged. */
  readonly sequence?: number | undefined
  /** As published, before the channel's schema has validated it. Null for a completion. */
  readonly data: unknown
  /** Set on a completion: it ends subscriptions and never reaches a resolver. */
  readonly completion?: Completion | undefined
}

export interface Completion {
  /** When the completion was published, in epoch milliseconds. It may have been logged later. */
  readonly atMs: number
  /** Ends only the subscriptions of this user. */
  readonly user?: string | undefined
}

/** Converts an event for resolvers. Throws an InvalidEvent if its data is invalid for the channel's schema. */
export async function envelopeOf<Data>(
  { id, sequence, publishedAtMs, data }: ChannelEvent,
  channel: { decode(data: unknown): Promise<Data> },
): Promise<Envelope<Data>> {
  const publishedAt = new Date(publishedAtMs)
  return { id, ...(sequence !== undefined && { sequence }), publishedAt, data: await channel.decode(data) }
}
