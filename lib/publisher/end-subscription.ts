import type { StoredSubscription, StoredSubscriptions } from '../clients/stored-subscriptions'
import { type Deliver, type Delivery, sharedText } from '../gateway/connections'
import { dialects } from '../protocol/dialects'

export interface Ending {
  readonly subscriptions: Pick<StoredSubscriptions, 'end'>
  readonly deliver: Deliver
}

/**
 * Ends a subscription from the server: posts the `complete` of its dialect, and then deletes it. Where that fails or the function dies in
 * between, it may be repeated: a client ignores the second `complete`. In the raw dialect, which has none, the events just cease.
 *
 * @returns what became of the frame: nothing is deleted unless it was delivered
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
