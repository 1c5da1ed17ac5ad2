import { channel, presence, type Publication } from 'serverless-graphql-subscriptions'
import * as v from 'valibot'

export const Status = v.picklist(['PLACED', 'COOKING', 'READY', 'DELIVERED'])
export type Status = v.InferOutput<typeof Status>

export const Order = v.object({
  id: v.string(),
  customer: v.string(),
  restaurantId: v.string(),
  dishes: v.array(v.string()),
  status: Status,
  version: v.number(),
})
export type Order = v.InferOutput<typeof Order>

const Position = v.object({ latitude: v.number(), longitude: v.number() })

/** The changes of each order, under the order's id. */
export const orders = channel('order', { log: true, data: Order })

/** The same changes under the restaurant's id, tagged with the status. */
export const restaurants = channel('restaurant', { log: true, data: Order })

/** Positions, under the courier's id, without a log: at most five a second, none older than one published before. */
export const couriers = channel('courier', { log: false, ordered: 'latest', maxPerSecond: 5, data: Position })

/** The couriers on duty in each zone. */
export const onDuty = presence('onDuty', { info: v.object({ name: v.string() }) })

/** The events of an order's change. Their ids are the same each time, so each log has them once. */
export function changeOf(order: Order): readonly Publication[] {
  const id = `${order.id}:${order.version}`
  return [
    orders.event(order.id, order, { id }),
    restaurants.event(order.restaurantId, order, { id, tags: [order.status] }),
  ]
}
