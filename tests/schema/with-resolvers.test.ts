import { expect, test } from '@jest/globals'
import { buildSchema, graphqlSync } from 'graphql'
import { withResolvers } from '../../schema/with-resolvers'

const build = () =>
  buildSchema('type Query { a: Int b: Thing } type Thing { c: Int } input In { d: Int } type Subscription { e: Int }')

test('fields get their resolvers, on any type and as a function or by its parts', () => {
  const subscribe = () => []
  const schema = withResolvers(build(), {
    Query: { a: () => 1, b: { resolve: () => ({}) } },
    Thing: { c: () => 2 },
    Subscription: { e: { subscribe, resolve: () => 3 } },
  })
  expect(graphqlSync({ schema, source: '{ a b { c } }' })).toEqual({ data: { a: 1, b: { c: 2 } } })
  expect(schema.getSubscriptionType()?.getFields()['e']?.subscribe).toBe(subscribe)
})

test.each([
  [{ Mutation: { a: () => 1 } }, 'Mutation, which is no object type'],
  [{ In: { d: () => 1 } }, 'In, which is no object type'],
  [{ Query: { z: () => 1 } }, 'Query.z, which is no field'],
])('a resolver without a field is refused', (resolvers, message) => {
  expect(() => withResolvers(build(), resolvers)).toThrow(message)
})
