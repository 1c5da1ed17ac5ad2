import { defineApi, type Request } from 'serverless-graphql-subscriptions'
import { changeOf, couriers, onDuty, type Order, orders, restaurants, type Status } from './channels'
import { createOrder, readOrder, writeStatus } from './orders'
import { mustOwn, mustWorkAt, user } from './permissions'
import { typeDefs } from './type-defs'

interface RestaurantOrders {
  readonly restaurantId: string
  readonly status?: Status | null
  readonly after?: number | null
}

interface OnDuty {
  readonly zone: string
  readonly name?: string | null
}

export const api = defineApi<Request>({
  typeDefs,
  context: (request) => request,
  resolvers: {
    Query: {
      order: async (_root, { id }: { id: string }, { identity }) => {
        const order = await readOrder(id)
        if (!identity?.groups.includes(order.restaurantId)) mustOwn(order, identity)
        return order
      },
    },
    Mutation: {
      placeOrder: async (_root, args: Pick<Order, 'restaurantId' | 'dishes'>, { identity, publish }) => {
        const order = await createOrder({ ...args, customer: user(identity).subject })
        await publish(...changeOf(order))
        return order
      },
      setStatus: async (_root, { orderId, status }: { orderId: string; status: Status }, { identity, publish }) => {
        mustWorkAt((await readOrder(orderId)).restaurantId, identity)
        const order = await writeStatus(orderId, status) // write before you publish
        await publish(...changeOf(order))
        return order
      },
    },
    Subscription: {
      orderStatus: orders.field({
        subscribe: async ({ orderId }: { orderId: string }, { identity }: Request) => {
          mustOwn(await readOrder(orderId), identity)
          return orderId
        },
        initial: ({ orderId }) => readOrder(orderId),
      }),
      restaurantOrders: restaurants.field({
        subscribe: ({ restaurantId, status, after }: RestaurantOrders, { identity }: Request) => {
          mustWorkAt(restaurantId, identity)
          return { keys: restaurantId, tags: status ? [status] : null, after }
        },
        resolve: ({ sequence, data }) => ({ sequence, order: data }),
      }),
      courierPosition: couriers.field({ subscribe: ({ courierId }: { courierId: string }) => courierId }),
      couriersOnDuty: onDuty.field({
        subscribe: ({ zone, name }: OnDuty) => ({ keys: zone, member: name ? { name } : undefined }),
        resolve: ({ data }) => ({ ...data, names: data.members?.map(({ info }) => info.name) }),
      }),
    },
  },
})
