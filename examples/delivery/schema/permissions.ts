import { forbidden, type Identity, unauthenticated } from 'serverless-graphql-subscriptions'
import type { Order } from './channels'

/** Who asks. Throws if they have shown no token, as they may on an open stage. */
export function user(identity: Identity | undefined): Identity {
  if (!identity) throw unauthenticated()
  return identity
}

export function mustOwn(order: Order, identity: Identity | undefined): void {
  if (order.customer !== user(identity).subject) throw forbidden("This is another customer's order.")
}

/** The groups of a token are the restaurants that its user works for. */
export function mustWorkAt(restaurantId: string, identity: Identity | undefined): void {
  if (!user(identity).groups.includes(restaurantId))
    throw forbidden(`You do not work for restaurant "${restaurantId}".`)
}
