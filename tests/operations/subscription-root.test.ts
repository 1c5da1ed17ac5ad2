import { expect, it } from '@jest/globals'
import { createOperations } from '../../lib/operations/execute'
import { api } from '../fixture/api'

const run = (query: string, variables: Readonly<Record<string, unknown>> | null = null) =>
  createOperations({
    schema: api.schema,
    onError: (error) => {
      throw error
    },
  }).run({ query, variables, operationName: null }, {})

// Regression: graphql-js found no field to subscribe to, and threw an error that is not meant for clients.
it.each([
  ['a field', 'subscription { text(board: "a") @skip(if: true) }'],
  ['a field that is included', 'subscription { text(board: "a") @include(if: true) }'],
  ['a field with a variable', 'subscription ($no: Boolean!) { text(board: "a") @include(if: $no) }'],
  ['an inline fragment', 'subscription { ... @skip(if: true) { text(board: "a") } }'],
  ['a field in an inline fragment', 'subscription { ... on Subscription { text(board: "a") @skip(if: true) } }'],
  ['a fragment spread', 'subscription { ...F @skip(if: true) } fragment F on Subscription { text(board: "a") }'],
  ['a field in a fragment', 'subscription { ...F } fragment F on Subscription { text(board: "a") @skip(if: true) }'],
])('refuses @skip and @include at the root of a subscription: on %s', async (_where, query) => {
  const outcome = await run(query, { no: false })
  expect(outcome).toMatchObject({ kind: 'invalid' })
  const [error] = outcome.kind === 'invalid' ? outcome.errors : []
  expect(error?.message).toMatch(/^A subscription cannot have @(skip|include) on its root field: /)
})

it.each([
  'subscription { notes(board: "a") { text @skip(if: true) id } }',
  'subscription { notes(board: "a") { ...F @include(if: true) } } fragment F on Note { text }',
])('allows @skip and @include below the root: %s', async (query) => {
  expect(await run(query)).toMatchObject({ kind: 'subscribed' })
})

it('allows both in queries, and refuses a fragment that spreads itself', async () => {
  expect(await run('{ hello @skip(if: true) }')).toMatchObject({ kind: 'result' })
  expect(await run('subscription { ...F } fragment F on Subscription { ...F }')).toMatchObject({ kind: 'invalid' })
})
