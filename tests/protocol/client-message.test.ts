import { describe, expect, it } from '@jest/globals'
import { parseClientMessage } from '../../lib/protocol/client-message'

const parse = (message: unknown) =>
  parseClientMessage(typeof message === 'string' ? message : JSON.stringify(message), { maxIdBytes: 256 })

describe('a client message', () => {
  it('is parsed as a start with its request, whose missing parts are null', () => {
    expect(parse({ id: '1', type: 'start', payload: { query: '{ a }' } })).toEqual({
      type: 'start',
      id: '1',
      request: { query: '{ a }', variables: null, operationName: null },
    })
  })

  it('requests cursors with extensions.resume, and resumes after the cursor in its "after"', () => {
    const payload = (resume: unknown) => ({ query: '{ a }', extensions: { resume } })
    expect(parse({ id: '1', type: 'start', payload: payload({}) })).toMatchObject({ request: { withCursors: true } })
    expect(parse({ id: '1', type: 'subscribe', payload: payload({ after: '7:1700000000000' }) })).toMatchObject({
      request: { withCursors: true },
      resumeAfter: { sequence: 7, publishedAtMs: 1_700_000_000_000 },
    })
    expect(parse({ id: '1', type: 'start', payload: payload(null) })).not.toHaveProperty('request.withCursors')
  })

  it('is raw if it has a query and no type, and has the same id if it is repeated', () => {
    const first = parse({ query: '{ a }', variables: { b: 1 } })
    expect(first).toMatchObject({ type: 'raw', request: { query: '{ a }', variables: { b: 1 } } })
    expect(parse({ query: '{ a }', variables: { b: 1 } })).toEqual(first)
    expect(parse({ query: '{ a }', variables: { b: 2 } })).not.toEqual(first)
  })

  it.each([
    ['not JSON', '{', 'unreadable', undefined, undefined],
    ['null', 'null', 'unreadable', undefined, undefined],
    ['an array', '[]', 'unknownType', undefined, undefined],
    ['a string', '"start"', 'unknownType', undefined, undefined],
    ['an object without type or query', '{}', 'unknownType', undefined, undefined],
    ['an operation without id', { type: 'start', payload: { query: '{ a }' } }, 'malformed', 'legacy', undefined],
    [
      'an operation with a number as id',
      { type: 'start', id: 1, payload: { query: '{ a }' } },
      'malformed',
      'legacy',
      1,
    ],
    [
      'an operation with an empty id',
      { type: 'subscribe', id: '', payload: { query: '{ a }' } },
      'malformed',
      'current',
      '',
    ],
    [
      'an id over the limit',
      { type: 'start', id: 'é'.repeat(129), payload: {} },
      'refusedOperation',
      'legacy',
      'é'.repeat(129),
    ],
    [
      'an id that is too long to be echoed',
      { type: 'start', id: 'i'.repeat(16_385), payload: {} },
      'refusedOperation',
      'legacy',
      undefined,
    ],
    ['an id of half a surrogate pair', { type: 'subscribe', id: '\ud83d' }, 'refusedOperation', 'current', '\ud83d'],
    ['a payload that is not an object', { type: 'start', id: '1', payload: [] }, 'malformed', 'legacy', '1'],
    [
      'a persisted query hash without a document',
      { type: 'start', id: '1', payload: { extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } } },
      'refusedOperation',
      'legacy',
      '1',
    ],
    ['a query that is not a string', { type: 'start', id: '1', payload: { query: 1 } }, 'malformed', 'legacy', '1'],
    ['a raw request with an array as variables', { query: '{ a }', variables: [] }, 'malformed', 'raw', undefined],
    ['a complete without id', { type: 'complete' }, 'malformed', 'current', undefined],
    ['a ping with an array as payload', { type: 'ping', payload: [] }, 'malformed', 'current', undefined],
    [
      'a resume with an invalid cursor',
      { type: 'subscribe', id: '1', payload: { query: '{ a }', extensions: { resume: { after: 7 } } } },
      'refusedOperation',
      'current',
      '1',
    ],
    [
      'a resume that is not an object',
      { type: 'start', id: '1', payload: { query: '{ a }', extensions: { resume: true } } },
      'refusedOperation',
      'legacy',
      '1',
    ],
    ['an unknown type', { type: 'begin', id: '1' }, 'unknownType', undefined, '1'],
    ['the unknown type "constructor"', { type: 'constructor', id: '1' }, 'unknownType', undefined, '1'],
  ])('is invalid, with its fault and operation id: %s', (_what, message, fault, dialect, id) => {
    expect(parse(message)).toEqual({ type: 'invalid', fault, dialect, id, reason: expect.stringMatching(/\w/) })
  })

  it('may nest variables and payloads 100 levels deep, and no deeper', () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    for (const around of ['{"query":"{a}","variables":here}', '{"type":"ping","payload":here}']) {
      expect(parse(around.replace('here', nested(100)))).not.toMatchObject({ type: 'invalid' })
      expect(parse(around.replace('here', nested(101)))).toMatchObject({ type: 'invalid', fault: 'malformed' })
      expect(parse(around.replace('here', nested(20_000)))).toMatchObject({ type: 'invalid', fault: 'malformed' })
    }
  })

  it('is a stop without an id if its id is invalid', () => {
    expect(parse({ type: 'stop', id: 1 })).toEqual({ type: 'stop', id: undefined })
    expect(parse({ type: 'complete', id: 'é'.repeat(129) })).toEqual({ type: 'complete', id: undefined })
  })
})
