import { describe, expect, it } from '@jest/globals'
import { buildSchema, parse, validate } from 'graphql'
import { channelTopic } from '../../lib/channels/topic'
import { operationHash, type SharedOperation } from '../../lib/clients/items'
import { eventVariables } from '../../lib/operations/event-variables'
import type { JsonObject } from '../../lib/operations/request'
import { api } from '../fixture/api'

/** The event variables of a query. Each variable's value is its own name. */
function variablesOf(query: string, schema = api.schema): JsonObject {
  const document = parse(query)
  expect(validate(schema, document)).toEqual([])
  const names = [...query.matchAll(/\$(\w+):/g)].map(([, name = '']) => name)
  const variables = Object.fromEntries(names.map((name) => [name, name]))
  return eventVariables({ query, variables, operationName: null }, { schema, document })
}

describe('the variables that the result of an event depends on', () => {
  it.each([
    [
      'exclude those that are only arguments of the subscription field',
      'subscription ($board: ID!, $after: Int, $tags: [String!]) { notes(board: $board, after: $after, tags: $tags) { id } }',
      [],
    ],
    [
      'exclude such arguments under any name, inside a list and under an alias',
      'subscription ($mark: ID!, $one: String!) { aliased: notes(board: $mark, tags: [$one, "b"]) { id } }',
      [],
    ],
    [
      'exclude such arguments in spread and inline fragments',
      `subscription ($board: ID!, $after: Int) { ...Listening }
       fragment Listening on Subscription { ... on Subscription { ... { notes(board: $board, after: $after) { id } } } }`,
      [],
    ],
    [
      'include those of nested fields, also in fragments',
      `subscription ($board: ID!, $mark: String, $other: String) { notes(board: $board) { shout(mark: $mark) ...Loud } }
       fragment Loud on Note { again: shout(mark: $other) }`,
      ['mark', 'other'],
    ],
    [
      'include those of directives on fields and on spreads',
      `subscription ($board: ID!, $a: Boolean!, $b: Boolean!, $c: Boolean!) {
         notes(board: $board) { id @skip(if: $a) ...Text @include(if: $b) ... @skip(if: $c) { tag } }
       }
       fragment Text on Note { text }`,
      ['a', 'b', 'c'],
    ],
    [
      'include one that is an argument of both the subscription field and a nested field',
      'subscription ($both: String!) { notes(board: "a", tags: [$both]) { shout(mark: $both) } }',
      ['both'],
    ],
    [
      'include those of every operation of the document',
      `subscription A($board: ID!, $text: String) { notes(board: $board) { shout(mark: $text) } }
       subscription B($board: ID!, $after: Int) { notes(board: $board, after: $after) { id } }
       mutation C($text: String!) { draft(board: "a", text: $text) }`,
      ['text'],
    ],
    [
      'exclude such an argument even if its variable has a default',
      'subscription ($after: Int = 7) { notes(board: "a", after: $after) { id } }',
      [],
    ],
  ])('%s', (_what, query, expected) => {
    expect(Object.keys(variablesOf(query))).toEqual(expected)
  })

  it('include those of a directive on the subscription field', () => {
    const schema = buildSchema(`
      directive @spelled(in: String) on FIELD
      type Query { hello: String }
      type Subscription { text(board: ID!): String }`)
    const query = 'subscription ($board: ID!, $case: String) { text(board: $board) @spelled(in: $case) }'
    expect(variablesOf(query, schema)).toEqual({ case: 'case' })
  })

  it('have the values that were sent, and no others', () => {
    const query =
      'subscription ($a: String, $b: String) { notes(board: "x") { shout(mark: $a) again: shout(mark: $b) } }'
    const document = parse(query)
    const given = { query, variables: { a: null, unknown: 1 }, operationName: null }
    expect(eventVariables(given, { schema: api.schema, document })).toEqual({ a: null })
    expect(eventVariables({ ...given, variables: null }, { schema: api.schema, document })).toEqual({})
  })
})

describe('the hash of an operation', () => {
  const request = { query: 'subscription { text(board: "a") }', variables: null, operationName: null }
  const shared: SharedOperation = { callbackUrl: 'https://callback', dialect: 'legacy', request }
  const where = { topics: [channelTopic('board', 'a')], eventVariables: {} }

  it('does not depend on other variables, such as the position of a subscription', () => {
    const begun = (after: number) => ({ ...shared, request: { ...request, variables: { after } } })
    expect(operationHash(begun(1), where)).toBe(operationHash(begun(2), where))
  })

  it('depends on every other part of the operation', () => {
    const names = [
      operationHash(shared, where),
      operationHash({ ...shared, callbackUrl: 'https://other' }, where),
      operationHash({ ...shared, dialect: 'current' }, where),
      operationHash({ ...shared, request: { ...request, query: `${request.query} ` } }, where),
      operationHash({ ...shared, request: { ...request, operationName: 'A' } }, where),
      operationHash(shared, { ...where, eventVariables: { mark: '!' } }),
      operationHash(shared, { ...where, topics: [channelTopic('board', 'b')] }),
      operationHash(shared, { ...where, topics: [...where.topics, channelTopic('board', 'b')] }),
    ]
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toHaveLength(22)
  })
})
