/**
 * Uses of lib/index.ts that must compile, and uses that must not. Nothing runs this file: `npm run lint` checks it. It
 * reports an expected error that does not occur.
 */
import * as v from 'valibot'
import {
  acceptConnections,
  type Api,
  channel,
  createPublisher,
  defineApi,
  type Envelope,
  type EphemeralChannel,
  graphqlOverHttp,
  type Identity,
  type LoggedChannel,
  type LoggedEnvelope,
  type Publication,
  type Publish,
  publishEvents,
  type ReadLog,
  receiveMessages,
} from '../../lib'

/* oxlint-disable typescript/no-unsafe-return, typescript/restrict-plus-operands --
   the compiler must report what is wrong here */

/** Compiles only if the value has exactly this type. */
declare function exactly<Expected>(): <Actual>(value: Actual, ...differs: Same<Actual, Expected>) => void
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the functions have the same type only if A and B do
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? [] : [never]

const Order = v.object({ id: v.string(), status: v.picklist(['OPEN', 'DONE']) })
type Order = v.InferOutput<typeof Order>
const orders = channel('order', { log: true, data: Order })
const couriers = channel<{ latitude: number }>('courier', { log: false })
const open: Order = { id: 'o-1', status: 'OPEN' }
declare const anyOrder: Order

export function channels(log: boolean) {
  exactly<LoggedChannel<Order>>()(orders)
  exactly<EphemeralChannel<{ latitude: number }>>()(couriers)
  // The channel's data has the output type of its schema.
  const Dated = v.object({ at: v.pipe(v.string(), v.toDate()) })
  const dated = channel('dated', { log: true, data: Dated })
  exactly<LoggedChannel<{ at: Date }, { at: string }>>()(dated)
  // An event's data has the input type of the schema.
  dated.event('a', { at: '2030-01-01' })
  // @ts-expect-error -- this is the output type
  dated.event('a', { at: new Date() })
  dated.field({ subscribe: () => 'a', initial: () => ({ at: new Date() }), resolve: ({ data }) => data.at.getTime() })

  // @ts-expect-error -- `log` is required
  channel('order', {})
  // @ts-expect-error -- `log` must be a literal, because the type of fields depends on it
  channel('order', { log })
  // @ts-expect-error -- the schema's output differs from the channel's data
  channel<{ latitude: string }>('courier', { log: false, data: v.object({ latitude: v.number() }) })
  // @ts-expect-error -- a function is not a schema
  channel('order', { log: true, data: (data: unknown) => data })
  // @ts-expect-error -- there is no such option
  channel('order', { log: true, replay: true })
}

export function events() {
  exactly<Publication>()(orders.event('o-1', open))
  orders.event('o-1', open, { tags: ['OPEN'], id: 'e-1', correlationId: 'c', requestedAt: new Date() })
  orders.event(['shop-1', 'o-1'], anyOrder)

  // @ts-expect-error -- a key must be a string
  orders.event(1, open)
  // @ts-expect-error -- each part of a key must be a string
  orders.event(['shop-1', 1], open)
  // @ts-expect-error -- a key cannot be an object
  orders.event({ orderId: 'o-1' }, open)
  // @ts-expect-error -- the data lacks a member
  orders.event('o-1', { id: 'o-1' })
  // @ts-expect-error -- a member of the data does not match the schema
  orders.event('o-1', { id: 'o-1', status: 'GONE' })
  // @ts-expect-error -- `data` is required
  orders.event('o-1')
  // @ts-expect-error -- the data belongs to another channel
  couriers.event('c-1', open)
  // @ts-expect-error -- `tags` must be a list
  orders.event('o-1', open, { tags: 'OPEN' })
  // @ts-expect-error -- a tag must be a string
  orders.event('o-1', open, { tags: [1] })
  // @ts-expect-error -- there is no such option
  orders.event('o-1', open, { ttl: 60 })
}

export async function publishing(publish: Publish) {
  exactly<Publish>()(createPublisher())
  createPublisher({
    topicArn: 'arn',
    send: (message: string, topicArn: string) => Promise.resolve([message, topicArn]),
  })
  await publish()
  exactly<Promise<void>>()(publish())
  await publish(orders.event('o-1', open), couriers.event('c-1', { latitude: 1 }))

  // @ts-expect-error -- events are separate arguments, not a list
  await publish([orders.event('o-1', open)])
  // @ts-expect-error -- only a channel creates events
  await publish({ channel: 'order', keys: ['o-1'], data: open })
  // @ts-expect-error -- there is no such option
  createPublisher({ topic: 'arn' })
}

export async function reading(read: ReadLog) {
  const page = await read(orders, 'o-1', { after: 1, first: 10, tags: ['OPEN'] })
  exactly<readonly LoggedEnvelope<Order>[]>()(page)
  exactly<number[]>()(page.map(({ sequence }) => sequence))

  const dated = channel('dated', { log: true, data: v.object({ at: v.pipe(v.string(), v.toDate()) }) })
  exactly<Date[]>()((await read(dated, 'a', { first: 1 })).map(({ data }) => data.at))

  // @ts-expect-error -- a channel without a log cannot be read
  await read(couriers, 'c-1', { first: 10 })
  // @ts-expect-error -- `first` is required
  await read(orders, 'o-1', { after: 1 })
  // @ts-expect-error -- `after` must be a number
  await read(orders, 'o-1', { after: '1', first: 10 })
  // @ts-expect-error -- the channel's data has no such member
  page.map(({ data }) => data.latitude)
}

interface Context {
  readonly identity: Identity | undefined
  readonly publish: Publish
  readonly read: ReadLog
}

interface EventContext {
  readonly locale: string
}

interface OrderArgs {
  readonly orderId: string
  readonly after?: number | null
}

const shared = {
  typeDefs: '',
  context: ({ identity, publish, read }: Context): Context => ({ identity, publish, read }),
}

/** All parts of an API definition, with inferred types. */
export function inferred() {
  const api = defineApi<Context, EventContext>({
    ...shared,
    eventContext: ({ id, publishedAt, sequence }) => {
      exactly<string>()(id)
      exactly<Date>()(publishedAt)
      exactly<number | undefined>()(sequence)
      return { locale: id }
    },
    identity: ({ sub, role }) => ({ sub: sub ?? '', role: String(role) }),
    resolvers: {
      Query: {
        orders: async (_root, { orderId }: OrderArgs, context) => {
          exactly<Context>()(context)
          return (await context.read(orders, orderId, { first: 1 })).map(({ data }) => data.status)
        },
      },
      Subscription: {
        order: orders.field({
          subscribe: async ({ orderId, after }: OrderArgs, context) => {
            exactly<Context>()(context)
            return Promise.resolve({ keys: ['shop', orderId], tags: ['OPEN'], after })
          },
          initial: async (args, context) => {
            exactly<Context>()(context)
            exactly<OrderArgs>()(args)
            return Promise.resolve({ id: args.orderId, status: 'OPEN' })
          },
          resolve: (event, context) => {
            exactly<LoggedEnvelope<Order>>()(event)
            exactly<EventContext>()(context)
            return event.data.status + String(event.sequence + 1) + context.locale
          },
        }),
        position: couriers.field({
          subscribe: ({ courierId }: { courierId: string }) => ({ keys: courierId, tags: null }),
          resolve: (event, context) => {
            exactly<Envelope<{ latitude: number }>>()(event)
            exactly<EventContext>()(context)
            return event.data.latitude
          },
        }),
      },
    },
    types: {
      Order: { note: (_order, _args, context) => ('locale' in context ? context.locale : context.identity?.subject) },
    },
  })
  exactly<Api>()(api)
  receiveMessages(api)
  graphqlOverHttp(api)
  publishEvents(api)
  acceptConnections(api)
  acceptConnections()
}

/**
 * All clients with the same operation share one result, so event resolvers have access to nothing of a single client.
 */
export function eventResolvers() {
  defineApi<Context, EventContext>({
    ...shared,
    resolvers: {
      Subscription: {
        // @ts-expect-error -- event resolvers have no identity
        a: orders.field({ subscribe: () => 'a', resolve: (_event, { identity }) => identity }),
        // @ts-expect-error -- not even if the context's type declares it
        b: orders.field({ subscribe: () => 'a', resolve: (_event, { identity }: Context) => identity }),
        // @ts-expect-error -- event resolvers have no arguments
        c: orders.field({ subscribe: () => 'a', resolve: (_event, _context, { orderId }: OrderArgs) => orderId }),
        // @ts-expect-error -- an event has no such member
        d: orders.field({ subscribe: () => 'a', resolve: ({ keys }) => keys as unknown }),
        // @ts-expect-error -- the data has no such member
        e: orders.field({ subscribe: () => 'a', resolve: ({ data }) => data.customer as unknown }),
        // @ts-expect-error -- an event of a channel without a log has no number
        f: couriers.field({ subscribe: () => 'a', resolve: ({ sequence }) => sequence + 1 }),
      },
    },
  })
  // Without `eventContext`, the context of event resolvers is empty.
  defineApi<Context>({
    ...shared,
    resolvers: {
      Subscription: {
        // @ts-expect-error -- the context has no such member
        a: orders.field({ subscribe: () => 'a', resolve: (_event, { locale }) => locale as unknown }),
      },
    },
  })
  // @ts-expect-error -- `eventContext` must return every member of the event context
  defineApi<Context, EventContext>({ ...shared, resolvers: {}, eventContext: () => ({}) })
  defineApi<Context, EventContext>({
    ...shared,
    resolvers: {},
    types: {
      // @ts-expect-error -- a subscription may select this field, and event resolvers have no identity
      Order: { note: (_order, _args, { identity }: Context) => identity },
    },
  })
}

export function subscribing() {
  defineApi<Context, EventContext>({
    ...shared,
    resolvers: {
      Subscription: {
        // @ts-expect-error -- the context has no such member
        a: orders.field({ subscribe: (_args, { locale }) => String(locale) }),
        // @ts-expect-error -- a key must be a string
        b: orders.field({ subscribe: ({ orderId }: { orderId: number }) => orderId }),
        // @ts-expect-error -- a key must not be undefined
        c: orders.field({ subscribe: ({ orderId }: { orderId?: string }) => orderId }),
        // @ts-expect-error -- `tags` must be a list
        d: orders.field({ subscribe: () => ({ keys: 'a', tags: 'OPEN' }) }),
        // @ts-expect-error -- `after` must be a number
        e: orders.field({ subscribe: () => ({ keys: 'a', after: '1' }) }),
        // @ts-expect-error -- `keys` is required
        f: orders.field({ subscribe: () => ({ tags: ['OPEN'] }) }),
        g: orders.field({
          subscribe: ({ orderId }: OrderArgs) => orderId,
          // @ts-expect-error -- the arguments have no such member
          initial: ({ id }) => ({ id: String(id), status: 'OPEN' }),
        }),
        // @ts-expect-error -- the initial state must have the type of the events' data
        h: orders.field({ subscribe: () => 'a', initial: () => ({ id: 'a', status: 'GONE' }) }),
        // @ts-expect-error -- `subscribe` is required
        i: orders.field({ resolve: ({ data }) => data }),
        // @ts-expect-error -- a function is not a field of a channel
        j: () => 'a',
      },
    },
  })
}

/** Events of a channel without a log have no numbers and are not replayed. */
export function ephemeral() {
  // @ts-expect-error -- `initial` requires a log
  couriers.field({ subscribe: () => 'a', initial: () => ({ latitude: 1 }) })
  // @ts-expect-error -- `after` requires a log
  couriers.field({ subscribe: () => ({ keys: 'a', after: 1 }) })
  // @ts-expect-error -- `after` requires a log, even if the client may omit it
  couriers.field({ subscribe: ({ after }: { after?: number | null }) => ({ keys: 'a', after }) })
}

export function definitions() {
  // @ts-expect-error -- `context` is required
  defineApi<Context>({ typeDefs: '', resolvers: {} })
  // @ts-expect-error -- `context` must return every member of the context
  defineApi<Context>({ typeDefs: '', resolvers: {}, context: ({ identity, publish }) => ({ identity, publish }) })
  // @ts-expect-error -- a request has no such member
  defineApi<Context>({ ...shared, resolvers: {}, context: ({ connectionId }) => connectionId as never })
  // @ts-expect-error -- a kept claim must be a string, a number or a boolean
  defineApi<Context>({ ...shared, resolvers: {}, identity: () => ({ roles: ['admin'] }) })
  // @ts-expect-error -- resolvers of types belong under `types`
  defineApi<Context>({ ...shared, resolvers: { Order: { note: () => '' } } })
  // @ts-expect-error -- query resolvers get the context of `context`
  defineApi<Context>({ ...shared, resolvers: { Query: { a: (_root, _args, { locale }) => locale as unknown } } })
}
