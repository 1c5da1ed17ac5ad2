import { GraphQLError } from 'graphql'
import type { Answer } from './dialect'

/** The largest message to a client, in bytes of UTF-8 ("Amazon API Gateway quotas": WebSocket message payload size, 128 KB). */
export const maxFrameBytes = 128 * 1024

/** What an event's frame holds around its payload: an operation id is part of a 1,024-byte key, and at worst six times as long in JSON. */
const envelopeBytes = 8 * 1024

/** The answer, or `instead` of it if a frame of it is larger than API Gateway would send. */
export function withinFrameLimit(answer: Answer, instead: (tooLarge: GraphQLError) => Answer): Answer {
  const largest = Math.max(0, ...answer.frames.map((frame) => Buffer.byteLength(frame)))
  return largest > maxFrameBytes ? instead(resultTooLarge(largest, maxFrameBytes)) : answer
}

/**
 * The JSON of a response event, or in its place that of a result that holds only an error: the subscription hears of the event
 * that it cannot get, and goes on to the next.
 */
export function eventWithinFrameLimit(payload: string): string {
  const tooLarge = eventOverFrameLimit(payload)
  return tooLarge ? JSON.stringify({ errors: [tooLarge] }) : payload
}

/** @returns the error if the JSON of a response event is larger than API Gateway would send */
export function eventOverFrameLimit(payload: string): GraphQLError | undefined {
  const limit = maxFrameBytes - envelopeBytes
  const bytes = Buffer.byteLength(payload)
  return bytes > limit ? resultTooLarge(bytes, limit) : undefined
}

function resultTooLarge(bytes: number, limit: number): GraphQLError {
  return new GraphQLError(`The result is ${bytes} bytes, but a message may be at most ${limit}: select less.`, {
    extensions: { code: 'LIMIT_EXCEEDED' },
  })
}
