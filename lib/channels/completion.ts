import * as v from 'valibot'
import type { ChannelEvent } from './envelope'
import { kindOf } from './topic'

/** The scope of a completion: all subscriptions under a key, or only those of connections with a token of one user. */
export type Complete = true | { readonly user: string }

const schema = v.union([v.literal(true), v.strictObject({ user: v.pipe(v.string(), v.minLength(1)) })])

/** Throws a TypeError that states the expected form. */
export function checkComplete(complete: unknown): Complete {
  if (v.is(schema, complete)) return complete
  throw new TypeError(`Expected "complete" to be true or { "user": "<subject>" }, got ${kindOf(complete)}.`)
}

/** The clocks of SNS, API Gateway and the functions differ by far less. */
const clocksDifferMs = 1_000

/**
 * Whether a completion ends a subscription: it does if the subscription began before the completion was published. A
 * subscription that began up to 1 s later by its clock is ended too. Its client may subscribe again, and the field's
 * `subscribe` decides; without this second, a subscription that should end might stay open.
 *
 * @param beganAtMs when API Gateway received the subscription; for a resumed one, the time from which it is replayed
 */
export function isEnded(completion: ChannelEvent['completion'], beganAtMs: number): boolean {
  return completion !== undefined && beganAtMs <= completion.atMs + clocksDifferMs
}
