import type { StoredSubscription, Subscribers } from '../clients/subscribers'
import { type Deliver, type Delivery, sharedText } from '../gateway/connections'
import { dialects } from '../protocol/dialects'

export interface Ending {
  readonly subscribers: Pick<Subscribers, 'end'>
  readonly deliver: Deliver
}

/**
 * Ends a subscription from the server: posts the `complete` of its dialect, and then deletes it. Where that fails or the function dies in
 * between, it may be repeated: a client ignores the second `complete`. In the raw dialect, which has none, the events just cease.
 *
 * @returns what became of the frame: nothing is deleted unless it was delivered
 */
export async function endSubscription(
  subscription: Omit<StoredSubscription, 'operation'>,
  { subscribers, deliver }: Ending,
): Promise<Delivery> {
  const { connectionId, operationId, shared } = subscription
  const frame = dialects[shared.dialect].complete(operationId)
  const delivery: Delivery =
    frame === undefined
      ? { kind: 'delivered' }
      : await deliver({ callbackUrl: shared.callbackUrl, connectionId, head: sharedText(frame), rest: '' })
  if (delivery.kind === 'delivered') await subscribers.end(subscription)
  return delivery
}
