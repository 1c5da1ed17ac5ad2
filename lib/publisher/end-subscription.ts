import type { StoredSubscription, StoredSubscriptions } from '../clients/stored-subscriptions'
import { type Deliver, type Delivery, sharedText } from '../gateway/connections'
import { dialects } from '../protocol/dialects'

export interface Ending {
  readonly subscriptions: Pick<StoredSubscriptions, 'end'>
  readonly deliver: Deliver
}

/**
 * Ends a subscription from the server: posts the `complete` of its dialect, then deletes it. Idempotent: if it fails in
 * between, a second attempt posts `complete` again, which clients ignore. The raw dialect has no `complete`; its events
 * just stop.
 *
 * @returns the outcome of the post; the subscription is deleted only if the frame was delivered
 */
export async function endSubscription(
  subscription: StoredSubscription,
  { subscriptions, deliver }: Ending,
): Promise<Delivery> {
  const { connectionId, operationId, shared } = subscription
  const frame = dialects[shared.dialect].complete(operationId)
  const delivery: Delivery =
    frame === undefined
      ? { kind: 'delivered' }
      : await deliver({ callbackUrl: shared.callbackUrl, connectionId, head: sharedText(frame), rest: '' })
  if (delivery.kind === 'delivered') await subscriptions.end(subscription)
  return delivery
}
