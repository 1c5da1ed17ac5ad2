/**
 * What an application may write with lib/index.ts, and what does not compile. Nothing runs this file: `npm run types`
 * checks it, and an expectation of an error that does not come is an error itself.
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

/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment, @typescript-eslint/no-unsafe-return,
   @typescript-eslint/restrict-plus-operands -- what is wrong here, the compiler is to say */

/** Compiles only if the value has exactly this type. */
declare function exactly<Expected>(): <Actual>(value: Actual, ...differs: Same<Actual, Expected>) => void
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the two functions are the same only if the types are
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
  // What its schema makes of the data is what the channel has.
  const Dated = v.object({ at: v.pipe(v.string(), v.toDate()) })
  const dated = channel('dated', { log: true, data: Dated })
  exactly<LoggedChannel<{ at: Date }, { at: string }>>()(dated)
  // What is published is what the schema takes.
  dated.event('a', { at: '2030-01-01' })
  // @ts-expect-error -- and not what it makes of that
  dated.event('a', { at: new Date() })
  dated.field({ subscribe: () => 'a', initial: () => ({ at: new Date() }), resolve: ({ data }) => data.at.getTime() })

  // @ts-expect-error -- whether there is a log is always said
  channel('order', {})
  // @ts-expect-error -- and is known when it is compiled, since fields depend on it
  channel('order', { log })
  // @ts-expect-error -- the schema gives other data than the channel is said to have
  channel<{ latitude: string }>('courier', { log: false, data: v.object({ latitude: v.number() }) })
  // @ts-expect-error -- a function is no schema
  channel('order', { log: true, data: (data: unknown) => data })
  // @ts-expect-error -- there is no such option
  channel('order', { log: true, replay: true })
}

export function events() {
  exactly<Publication>()(orders.event('o-1', open))
  orders.event('o-1', open, { tags: ['OPEN'], id: 'e-1', correlationId: 'c', requestedAt: new Date() })
  orders.event(['shop-1', 'o-1'], anyOrder)

  // @ts-expect-error -- a key is text
  orders.event(1, open)
  // @ts-expect-error -- so is each of its parts
  orders.event(['shop-1', 1], open)
  // @ts-expect-error -- a key has no name
  orders.event({ orderId: 'o-1' }, open)
  // @ts-expect-error -- the data lack a member
  orders.event('o-1', { id: 'o-1' })
  // @ts-expect-error -- a member is not what the schema asks for
  orders.event('o-1', { id: 'o-1', status: 'GONE' })
  // @ts-expect-error -- there are no data
  orders.event('o-1')
  // @ts-expect-error -- it is the data of another channel
  couriers.event('c-1', open)
  // @ts-expect-error -- tags are a list
  orders.event('o-1', open, { tags: 'OPEN' })
  // @ts-expect-error -- a tag is text
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

  // @ts-expect-error -- a list is spread
  await publish([orders.event('o-1', open)])
  // @ts-expect-error -- only a channel makes what can be published
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

  // @ts-expect-error -- a channel without a log has nothing to read
  await read(couriers, 'c-1', { first: 10 })
  // @ts-expect-error -- how many is always said
  await read(orders, 'o-1', { after: 1 })
  // @ts-expect-error -- a number is no text
  await read(orders, 'o-1', { after: '1', first: 10 })
  // @ts-expect-error -- the data are the channel's
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

/** Everything that the definition of an API has, with types that nobody had to write. */
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

/** One result serves everyone who asked for the same: it depends on nothing that is one client's. */
export function eventResolvers() {
  defineApi<Context, EventContext>({
    ...shared,
    resolvers: {
      Subscription: {
        // @ts-expect-error -- nobody's identity is there
        a: orders.field({ subscribe: () => 'a', resolve: (_event, { identity }) => identity }),
        // @ts-expect-error -- nor if it is said to be
        b: orders.field({ subscribe: () => 'a', resolve: (_event, { identity }: Context) => identity }),
        // @ts-expect-error -- nor are the arguments
        c: orders.field({ subscribe: () => 'a', resolve: (_event, _context, { orderId }: OrderArgs) => orderId }),
        // @ts-expect-error -- an event has no such member
        d: orders.field({ subscribe: () => 'a', resolve: ({ keys }) => keys as unknown }),
        // @ts-expect-error -- nor have its data
        e: orders.field({ subscribe: () => 'a', resolve: ({ data }) => data.customer as unknown }),
        // @ts-expect-error -- an event that is not logged has no number
        f: couriers.field({ subscribe: () => 'a', resolve: ({ sequence }) => sequence + 1 }),
      },
    },
  })
  // Without `eventContext` there is nothing at all.
  defineApi<Context>({
    ...shared,
    resolvers: {
      Subscription: {
        // @ts-expect-error -- there is no such member
        a: orders.field({ subscribe: () => 'a', resolve: (_event, { locale }) => locale as unknown }),
      },
    },
  })
  // @ts-expect-error -- an `eventContext` gives all that resolvers are told to get
  defineApi<Context, EventContext>({ ...shared, resolvers: {}, eventContext: () => ({}) })
  defineApi<Context, EventContext>({
    ...shared,
    resolvers: {},
    types: {
      // @ts-expect-error -- the field of a type may be asked for by a subscription, which has no identity
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
        // @ts-expect-error -- a key is text
        b: orders.field({ subscribe: ({ orderId }: { orderId: number }) => orderId }),
        // @ts-expect-error -- and is there
        c: orders.field({ subscribe: ({ orderId }: { orderId?: string }) => orderId }),
        // @ts-expect-error -- tags are a list
        d: orders.field({ subscribe: () => ({ keys: 'a', tags: 'OPEN' }) }),
        // @ts-expect-error -- `after` is a number
        e: orders.field({ subscribe: () => ({ keys: 'a', after: '1' }) }),
        // @ts-expect-error -- there is no selection without keys
        f: orders.field({ subscribe: () => ({ tags: ['OPEN'] }) }),
        g: orders.field({
          subscribe: ({ orderId }: OrderArgs) => orderId,
          // @ts-expect-error -- the arguments have no such member
          initial: ({ id }) => ({ id: String(id), status: 'OPEN' }),
        }),
        // @ts-expect-error -- the present state is what the events' data are
        h: orders.field({ subscribe: () => 'a', initial: () => ({ id: 'a', status: 'GONE' }) }),
        // @ts-expect-error -- a field listens somewhere
        i: orders.field({ resolve: ({ data }) => data }),
        // @ts-expect-error -- a function is no field of a channel
        j: () => 'a',
      },
    },
  })
}

/** A channel without a log has no numbers and no past. */
export function ephemeral() {
  // @ts-expect-error -- so there is nothing that an initial state could be the beginning of
  couriers.field({ subscribe: () => 'a', initial: () => ({ latitude: 1 }) })
  // @ts-expect-error -- and nothing to begin after
  couriers.field({ subscribe: () => ({ keys: 'a', after: 1 }) })
  // @ts-expect-error -- whatever the client sends
  couriers.field({ subscribe: ({ after }: { after?: number | null }) => ({ keys: 'a', after }) })
}

export function definitions() {
  // @ts-expect-error -- there is no API without a context
  defineApi<Context>({ typeDefs: '', resolvers: {} })
  // @ts-expect-error -- a context gives all that resolvers are told to get
  defineApi<Context>({ typeDefs: '', resolvers: {}, context: ({ identity, publish }) => ({ identity, publish }) })
  // @ts-expect-error -- a request has no such member
  defineApi<Context>({ ...shared, resolvers: {}, context: ({ connectionId }) => connectionId as never })
  // @ts-expect-error -- a claim that is kept is text, a number or a boolean
  defineApi<Context>({ ...shared, resolvers: {}, identity: () => ({ roles: ['admin'] }) })
  // @ts-expect-error -- types have a place of their own
  defineApi<Context>({ ...shared, resolvers: { Order: { note: () => '' } } })
  // @ts-expect-error -- resolvers of queries get the context that is made for them
  defineApi<Context>({ ...shared, resolvers: { Query: { a: (_root, _args, { locale }) => locale as unknown } } })
}
