import type { ChannelEvent } from './envelope'

/**
 * The position of an event in its log. A client that asks for cursors receives it with each event, and sends it when it
 * resumes.
 */
export interface EventCursor {
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly publishedAtMs: number
}

/** The cursor as clients receive it, the same for every recipient of the event. Undefined on an ephemeral channel. */
export function eventCursorText({ sequence, publishedAtMs }: ChannelEvent): string | undefined {
  return sequence === undefined ? undefined : `${sequence}:${publishedAtMs}`
}

/** @returns undefined if `eventCursorText` cannot have produced the text */
export function parseEventCursor(text: string): EventCursor | undefined {
  const [, sequence, publishedAtMs] = /^(\d{1,15}):(\d{1,15})$/.exec(text) ?? []
  if (sequence === undefined) return undefined
  return { sequence: Number(sequence), publishedAtMs: Number(publishedAtMs) }
}
