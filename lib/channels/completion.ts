import * as v from 'valibot'
import type { ChannelEvent } from './envelope'
import { kindOf } from './topic'

/** Whose subscriptions under a key are ended: everyone's, or those of connections that have shown a token of one user. */
export type Complete = true | { readonly user: string }

const schema = v.union([v.literal(true), v.strictObject({ user: v.pipe(v.string(), v.minLength(1)) })])

/** Throws a TypeError that says what was expected. */
export function checkComplete(complete: unknown): Complete {
  if (v.is(schema, complete)) return complete
  throw new TypeError(`Expected "complete" to be true or { "user": "<subject>" }, got ${kindOf(complete)}.`)
}

/** Clocks of SNS, API Gateway and the functions differ by far less. */
const clocksDifferMs = 1_000

/**
 * Whether an event is a completion that ends a subscription, which it does if the subscription began before it was published. A
 * subscription that began up to a second later by its clock is ended, too: its client may subscribe again, and the field's `subscribe`
 * decides. The other way round, one that was to be ended might stay open.
 *
 * @param beganAtMs when API Gateway received the subscription; for one that is resumed, the time from which it is replayed
 */
export function isEnded(
  { event: { completion } }: { readonly event: Pick<ChannelEvent, 'completion'> },
  beganAtMs: number,
): boolean {
  return completion !== undefined && beganAtMs <= completion.atMs + clocksDifferMs
}
