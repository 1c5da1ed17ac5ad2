import type { ChannelEvent } from './envelope'

/** Where an event stands in its log: what a client that asks for it gets with each event, and sends when it comes back. */
export interface EventCursor {
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly publishedAtMs: number
}

/** The text that clients get. It is the same for every recipient of the event; undefined on a channel without a log. */
export function eventCursorText({ sequence, publishedAtMs }: ChannelEvent): string | undefined {
  return sequence === undefined ? undefined : `${sequence}:${publishedAtMs}`
}

/** @returns undefined if the text is not one of `eventCursorText` */
export function parseEventCursor(text: string): EventCursor | undefined {
  const [, sequence, publishedAtMs] = /^(\d{1,15}):(\d{1,15})$/.exec(text) ?? []
  if (sequence === undefined) return undefined
  return { sequence: Number(sequence), publishedAtMs: Number(publishedAtMs) }
}
