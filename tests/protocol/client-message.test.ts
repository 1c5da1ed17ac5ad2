import { describe, expect, it } from '@jest/globals'
import { parseClientMessage } from '../../lib/protocol/client-message'

const parse = (message: unknown) =>
  parseClientMessage(typeof message === 'string' ? message : JSON.stringify(message), { maxIdBytes: 256 })

describe('a message of a client', () => {
  it('is a start with its request, and the parts that were left out are null', () => {
    expect(parse({ id: '1', type: 'start', payload: { query: '{ a }' } })).toEqual({
      type: 'start',
      id: '1',
      request: { query: '{ a }', variables: null, operationName: null },
    })
  })

  it('is raw if it has a query and no type, and has the same id whenever it is repeated', () => {
    const first = parse({ query: '{ a }', variables: { b: 1 } })
    expect(first).toMatchObject({ type: 'raw', request: { query: '{ a }', variables: { b: 1 } } })
    expect(parse({ query: '{ a }', variables: { b: 1 } })).toEqual(first)
    expect(parse({ query: '{ a }', variables: { b: 2 } })).not.toEqual(first)
  })

  it.each([
    ['not JSON', '{', undefined],
    ['null', 'null', undefined],
    ['an array', '[]', undefined],
    ['a string', '"start"', undefined],
    ['an object without type or query', '{}', undefined],
    ['an operation without id', { type: 'start', payload: { query: '{ a }' } }, undefined],
    ['an operation with a number as id', { type: 'start', id: 1, payload: { query: '{ a }' } }, undefined],
    ['an operation with an empty id', { type: 'subscribe', id: '', payload: { query: '{ a }' } }, undefined],
    ['an id over the limit', { type: 'start', id: 'é'.repeat(129), payload: { query: '{ a }' } }, 'é'.repeat(129)],
    ['a payload that is no object', { type: 'start', id: '1', payload: [] }, '1'],
    ['a query that is no string', { type: 'start', id: '1', payload: { query: 1 } }, '1'],
    ['variables that are no object', { type: 'start', id: '1', payload: { query: '{ a }', variables: '{}' } }, '1'],
    ['an unknown type', { type: 'begin', id: '1' }, '1'],
    ['a type that is a key of every object', { type: 'constructor', id: '1' }, '1'],
  ])('is invalid if it is %s, and tells which operation was meant', (_what, message, id) => {
    expect(parse(message)).toEqual({ type: 'invalid', id, reason: expect.stringMatching(/\w/) })
  })
})
