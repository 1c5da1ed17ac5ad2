import { GraphQLError } from 'graphql'
import type { SharedOperation } from '../clients/items'
import type { Subscriber, Subscribers } from '../clients/subscribers'
import { dialects } from '../protocol/dialects'
import { type Deliver, type Delivery, sharedText } from '../gateway/connections'

export interface Ending {
  readonly subscribers: Pick<Subscribers, 'endIfExpired'>
  readonly deliver: Deliver
}

/** What became of an end: `nothing` if there is no more to do. */
export type Ended = Extract<Delivery, { readonly kind: 'gone' | 'throttled' | 'failed' }> | { readonly kind: 'nothing' }

/**
 * Ends subscriptions that have outlived their token, or their connection: each is deleted, and its client is told in an error of its
 * dialect. It may be called again for one whose client could not be told; a client that never can be is not told.
 */
export function expiryEnder({ subscribers, deliver }: Ending): (subscriber: Subscriber) => Promise<Ended> {
  const untold = new Map<Subscriber, SharedOperation>()
  return async (subscriber) => {
    const ended = untold.get(subscriber) ?? (await subscribers.endIfExpired(subscriber))
    if (!ended) return { kind: 'nothing' }
    untold.set(subscriber, ended)
    const delivery = await tell(subscriber, ended, deliver)
    if (delivery.kind === 'throttled' || (delivery.kind === 'failed' && delivery.retryable)) return delivery
    untold.delete(subscriber)
    return delivery.kind === 'gone' ? delivery : { kind: 'nothing' }
  }
}

function tell(subscriber: Subscriber, { callbackUrl, dialect }: SharedOperation, deliver: Deliver): Promise<Delivery> {
  const { connectionId, operationId } = subscriber
  const { frames } = dialects[dialect].refusal(operationId, hasExpired())
  return deliver({ callbackUrl, connectionId, head: sharedText(frames.join('')), rest: '' })
}

function hasExpired(): GraphQLError {
  return new GraphQLError('This subscription has outlived its token: connect again with a new one.', {
    extensions: { code: 'UNAUTHENTICATED' },
  })
}
