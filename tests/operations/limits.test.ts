import { describe, expect, it } from '@jest/globals'
import { getIntrospectionQuery, GraphQLError } from 'graphql'
import { readLimits } from '../../lib/receive/limits'
import { readDocumentLimits } from '../../lib/operations/document-rules'
import { documentRules } from '../../lib/operations/document-rules'
import { createOperations } from '../../lib/operations/execute'
import { eventWithinFrameLimit, withinFrameLimit } from '../../lib/protocol/frame-limit'
import { api } from '../fixture/api'

const run = (query: string, environment: NodeJS.ProcessEnv = {}) =>
  createOperations({
    schema: api.schema,
    limits: documentRules(readDocumentLimits(environment)),
    onError: (error) => {
      throw error
    },
  }).run({ query, variables: null, operationName: null }, {})

const selections = (count: number, selection: (n: number) => string) =>
  `{ ${Array.from({ length: count }, (_, n) => selection(n)).join(' ')} }`

describe('a document that exceeds a limit', () => {
  it('is a syntax error if it has too many tokens', async () => {
    expect(await run(selections(1_000, () => 'hello'))).toEqual({
      kind: 'syntaxError',
      error: expect.objectContaining({
        message: 'Syntax Error: Document contains more that 1000 tokens. Parsing aborted.',
      }),
    })
  })

  it.each([
    ['MAX_DEPTH', '2', '{ __type(name: "a") { fields { name } } }', 'Query depth limit of 2 exceeded, found 3.'],
    ['MAX_ALIASES', '', selections(16, (n) => `a${n}: hello`), 'Aliases limit of 15 exceeded, found 16.'],
    ['MAX_COST', '2', '{ a: hello b: hello c: hello }', 'Query Cost limit of 2 exceeded, found 3.'],
  ])('is invalid if it exceeds %s', async (variable, value, query, message) => {
    const outcome = await run(query, { [variable]: value })
    expect(outcome).toEqual({
      kind: 'invalid',
      errors: [expect.objectContaining({ message, extensions: { code: 'LIMIT_EXCEEDED' } })],
    })
    expect(await run(query, { [variable]: '100' })).toMatchObject({ kind: 'result' })
  })

  it('is invalid if it exceeds MAX_COST through a literal "first"', async () => {
    expect(await run('{ guests(board: "a", first: 2) { at } }', { MAX_COST: '6' })).toMatchObject({
      errors: [expect.objectContaining({ message: 'Query Cost limit of 6 exceeded, found 7.' })],
    })
  })

  it('is invalid if it exceeds the limit through repeated fragment spreads', async () => {
    const fragments = Array.from(
      { length: 60 },
      (_, n) => `fragment F${n} on Query { a${n}: hello ...F${n + 1} ...F${n + 1} }`,
    )
    const outcome = await run(`{ ...F0 } ${fragments.join(' ')} fragment F60 on Query { hello }`)
    expect(outcome).toMatchObject({ kind: 'invalid' })
  })

  it.each([
    ['10,000 aliases', selections(10_000, (n) => `a${n}: hello`)],
    ['128 KB of nested braces', '{a'.repeat(64 * 1024)],
    ['128 KB of opening brackets in an argument', `{ hello(a: ${'['.repeat(128 * 1024)}`],
  ])('is refused within 1 s if it has %s', async (_what, query) => {
    const before = performance.now()
    expect(await run(query)).toMatchObject({ kind: 'syntaxError' })
    expect(performance.now() - before).toBeLessThan(1_000)
  })
})

describe('introspection', () => {
  it('is within the limits with the query that tools send', async () => {
    expect(await run(getIntrospectionQuery({ descriptions: true, specifiedByUrl: true }))).toMatchObject({
      kind: 'result',
      result: { data: { __schema: {} } },
    })
  })

  it.each(['{ __schema { types { name } } }', '{ __type(name: "Query") { name } }'])(
    'is refused if it is disabled: %s',
    async (query) => {
      expect(await run(query, { INTROSPECTION: 'false' })).toMatchObject({
        kind: 'invalid',
        errors: expect.arrayContaining([
          expect.objectContaining({ message: expect.stringContaining('GraphQL introspection has been disabled') }),
        ]),
      })
    },
  )

  it('does not include __typename, which stays allowed if introspection is disabled', async () => {
    expect(await run('{ __typename }', { INTROSPECTION: 'false' })).toMatchObject({ kind: 'result' })
  })
})

describe('an invalid setting', () => {
  it.each([
    ['MAX_TOKENS', '0'],
    ['MAX_DEPTH', 'deep'],
    ['MAX_ALIASES', '1.5'],
    ['MAX_COST', '-1'],
    ['INTROSPECTION', 'off'],
  ])('is named in the error when it is read: %s=%s', (variable, value) => {
    expect(() => readDocumentLimits({ [variable]: value })).toThrow(`${variable} to be`)
  })

  it('is a MAX_OPERATION_ID_BYTES above 1,000', () => {
    expect(() => readLimits({ MAX_OPERATION_ID_BYTES: '1001' })).toThrow('from 1 to 1000')
    expect(readLimits({ MAX_OPERATION_ID_BYTES: '1000' })).toMatchObject({ maxOperationIdBytes: 1_000 })
  })
})

describe('a frame that is too large for API Gateway', () => {
  it('is replaced by an error if it is an answer of more than 128 KB', () => {
    const instead = ({ message }: GraphQLError) => ({ frames: [message] })
    const fits = { frames: ['é'.repeat(64 * 1024), 'complete'] }
    expect(withinFrameLimit(fits, instead)).toBe(fits)
    expect(withinFrameLimit({ frames: [`${'é'.repeat(64 * 1024)}.`, 'complete'] }, instead)).toEqual({
      frames: ['The result is 131073 bytes, but a message may be at most 131072: select less.'],
    })
  })

  it('is replaced by an error if it is an event', () => {
    expect(eventWithinFrameLimit('{"data":1}')).toBe('{"data":1}')
    expect(JSON.parse(eventWithinFrameLimit(`"${'a'.repeat(128 * 1024)}"`))).toEqual({
      errors: [
        {
          message: 'The result is 131074 bytes, but a message may be at most 122880: select less.',
          extensions: { code: 'LIMIT_EXCEEDED' },
        },
      ],
    })
  })
})
