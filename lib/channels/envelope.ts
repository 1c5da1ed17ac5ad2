import * as v from 'valibot'

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

const text = v.pipe(v.string(), v.minLength(1))

const completion = v.pipe(
  v.object({
    /** When the completion was published, in epoch milliseconds. It may have been logged later. */
    atMs: v.number(),
    /** Ends only the subscriptions of this user. */
    user: v.optional(text),
  }),
  v.readonly(),
)
export type Completion = v.InferOutput<typeof completion>

export const channelEvent = v.pipe(
  v.object({
    id: text,
    channel: text,
    /** Epoch milliseconds. */
    publishedAtMs: v.number(),
    /** The event's number in the log, once it is logged. */
    sequence: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    /** As published, before the channel's schema has validated it. Null for a completion. */
    data: v.unknown(),
    /** Set on a completion: it ends subscriptions and never reaches a resolver. */
    completion: v.optional(completion),
  }),
  v.readonly(),
)

/** An event on its way to subscribers. */
export type ChannelEvent = v.InferOutput<typeof channelEvent>

/** Converts an event for resolvers. Throws an InvalidEvent if its data is invalid for the channel's schema. */
export async function envelopeOf<Data>(
  { id, sequence, publishedAtMs, data }: ChannelEvent,
  channel: { decode(data: unknown): Promise<Data> },
): Promise<Envelope<Data>> {
  const publishedAt = new Date(publishedAtMs)
  return { id, ...(sequence !== undefined && { sequence }), publishedAt, data: await channel.decode(data) }
}
