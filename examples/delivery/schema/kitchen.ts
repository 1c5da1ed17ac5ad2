import { createPublisher } from 'serverless-graphql-subscriptions'
import * as v from 'valibot'
import { changeOf, Status } from './channels'
import { writeStatus } from './orders'

/** What EventBridge hands to the function. */
const KitchenEvent = v.object({ detail: v.object({ orderId: v.string(), status: Status }) })

/**
 * Makes the handler of `kitchen`. If it throws, Lambda invokes it twice more, then keeps the event among the failed
 * ones.
 */
export function receiveKitchenEvents(): (event: unknown) => Promise<void> {
  const publish = createPublisher()
  return async (event) => {
    const { detail } = v.parse(KitchenEvent, event)
    await publish(...changeOf(await writeStatus(detail.orderId, detail.status)))
  }
}
