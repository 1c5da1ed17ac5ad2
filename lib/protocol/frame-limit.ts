import { GraphQLError } from 'graphql'
import type { Answer } from './dialect'

/**
 * Maximum size of a message to a client, in bytes of UTF-8 ("Amazon API Gateway quotas": WebSocket message payload
 * size, 128 KB).
 */
export const maxFrameBytes = 128 * 1024

/**
 * Maximum size of a frame around an event's payload: an operation id is part of a 1,024-byte key, and takes up to six
 * times as much in JSON.
 */
const envelopeBytes = 8 * 1024

/** Returns the answer, or the result of `instead` if one of its frames is larger than API Gateway sends. */
export function withinFrameLimit(answer: Answer, instead: (tooLarge: GraphQLError) => Answer): Answer {
  const largest = Math.max(0, ...answer.frames.map((frame) => Buffer.byteLength(frame)))
  return largest > maxFrameBytes ? instead(resultTooLarge(largest, maxFrameBytes)) : answer
}

/**
 * Returns the JSON of a response event, or of a result with only an error if it is too large: the subscriber learns
 * that it cannot receive this event, and continues with the next.
 */
export function eventWithinFrameLimit(payload: string): string {
  const tooLarge = eventOverFrameLimit(payload)
  return tooLarge ? JSON.stringify({ errors: [tooLarge] }) : payload
}

/** @returns an error if the JSON of a response event is larger than API Gateway sends */
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
