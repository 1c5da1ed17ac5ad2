import { describe, expect, it } from '@jest/globals'
import { channel, ConfigurationError, defineApi, type RootResolvers } from '../../lib'

const orders = channel('order', { log: true })
const subscribe = () => 'a'
const typeDefs = `
  type Query { order: String }
  type Subscription { order: String }`

/** Defines an API with only these resolvers, and the options in `more`. */
function define(resolvers: unknown, more: object = {}) {
  return defineApi<object>({
    typeDefs,
    context: () => ({}),
    resolvers: resolvers as RootResolvers<object, object>,
    ...more,
  })
}

describe('an API', () => {
  it('lists the channels of its fields by name', () => {
    const { channels } = define({ Subscription: { order: orders.field({ subscribe }) } })
    expect([...channels]).toEqual([['order', orders]])
  })

  it('may have several fields of one channel', () => {
    const { channels } = define(
      { Subscription: { order: orders.field({ subscribe }), status: orders.field({ subscribe }) } },
      { typeDefs: 'type Query { a: Int } type Subscription { order: String status: String }' },
    )
    expect([...channels.keys()]).toEqual(['order'])
  })

  it('may have no subscriptions', () => {
    const { schema, channels } = define({}, { typeDefs: 'type Query { a: Int }' })
    expect([schema.getSubscriptionType(), channels.size]).toEqual([undefined, 0])
  })

  it('gives resolvers of events an empty context unless it has an eventContext', () => {
    const event = { id: 'e', publishedAt: new Date(0) }
    const Subscription = { order: orders.field({ subscribe }) }
    expect(define({ Subscription }).eventContext(event)).toEqual({})
    const eventContext = ({ id }: { id: string }) => ({ of: id })
    expect(define({ Subscription }, { eventContext }).eventContext(event)).toEqual({ of: 'e' })
  })
})

describe('an API is refused with a message', () => {
  it.each<readonly [string, unknown, string]>([
    [
      'if a subscription field has no resolver',
      { Subscription: {} },
      'Subscription.order has no resolver: create one with channel(…).field({ subscribe: … }).',
    ],
    [
      'if it has no resolvers of subscriptions at all',
      {},
      'Subscription.order has no resolver: create one with channel(…).field({ subscribe: … }).',
    ],
    [
      'if a subscription field has a resolver in the form of graphql-js',
      { Subscription: { order: { subscribe: () => [] } } },
      'Subscription.order has no channel: create its resolver with channel(…).field({ subscribe: … }).',
    ],
    [
      'if a subscription field has a function as its resolver',
      { Subscription: { order: () => 'a' } },
      'Subscription.order has no channel: create its resolver with channel(…).field({ subscribe: … }).',
    ],
  ])('%s', (_what, resolvers, sentence) => {
    expect(() => define(resolvers)).toThrow(new ConfigurationError(sentence))
  })

  it('if a subscription field named toString has no resolver', () => {
    const ofThatName = { typeDefs: 'type Query { a: Int } type Subscription { toString: String }' }
    expect(() => define({}, ofThatName)).toThrow('Subscription.toString has no resolver')
  })

  it('if two channels have the same name', () => {
    const Subscription = {
      order: orders.field({ subscribe }),
      status: channel('order', { log: false }).field({ subscribe }),
    }
    const two = { typeDefs: 'type Query { a: Int } type Subscription { order: String status: String }' }
    expect(() => define({ Subscription }, two)).toThrow(
      new ConfigurationError('Expected channel names to be unique, got two channels named "order".'),
    )
  })

  it('if a resolver has no field or type in the schema', () => {
    const Subscription = { order: orders.field({ subscribe }) }
    const extra = (where: object) => () => define({ Subscription, ...where })
    expect(extra({ Query: { orders: () => '' } })).toThrow('Query.orders defined in resolvers, but not in schema')
    expect(extra({ Subscription: { ...Subscription, other: orders.field({ subscribe }) } })).toThrow(
      'Subscription.other defined in resolvers, but not in schema',
    )
    expect(() => define({ Subscription }, { types: { Order: { note: () => '' } } })).toThrow(
      '"Order" defined in resolvers, but not in schema',
    )
  })

  it.each(['Query', 'Mutation', 'Subscription'])('if it has resolvers of %s in "types"', (root) => {
    const Subscription = { order: orders.field({ subscribe }) }
    expect(() => define({ Subscription }, { types: { [root]: { order: () => '' } } })).toThrow(
      new ConfigurationError(`Expected the resolvers of ${root} in "resolvers", got them in "types".`),
    )
  })
})
