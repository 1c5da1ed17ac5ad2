import type { Subscriber } from '../clients/subscriber'
import type { Assignment } from './assignment'
import type { Publisher } from './publisher'

/** An answer counts for so long: where many are throttled at once, each retry asks. */
const lookAgainMs = 100

/**
 * Tells before a recipient is tried again, or tried by another invocation, whether a newer event has taken the place of an ordered
 * channel's. It is not asked before a first try: at a high rate, the last of many subscribers would then get nothing.
 *
 * @returns undefined if the channel is not ordered
 */
export function lateRetries(
  { event, latest, round }: Assignment,
  { latestEvents, clock }: Pick<Publisher, 'latestEvents' | 'clock'>,
): ((recipient: Subscriber) => Promise<boolean>) | undefined {
  if (latest === undefined) return undefined
  const tried = new Set<Subscriber>()
  let superseded = false
  let answer = Promise.resolve(false)
  let askAgainMs = 0
  return async (recipient) => {
    const isFirst = round === 0 && !tried.has(recipient)
    tried.add(recipient)
    if (isFirst) return false
    if (superseded) return true
    if (clock.now() >= askAgainMs) {
      answer = latestEvents.isSuperseded(latest, event)
      askAgainMs = clock.now() + lookAgainMs
    }
    superseded = await answer
    return superseded
  }
}
