import { describe, expect, it } from '@jest/globals'
import { channel } from '../../lib'
import { InvalidEvent } from '../../lib/channels/decode'
import { parseWireEvent } from '../../lib/channels/wire'
import { api, boards, drafts } from '../fixture/api'

const parse = (event: unknown) => parseWireEvent(event, api.channels, 'given')
const event = { channel: 'board', keys: 'a', data: { text: 'Hello' } }

describe('an event on the wire', () => {
  it('needs a channel, keys and data', () => {
    expect(parse(event)).toEqual({
      channel: boards,
      topics: ['board#a'],
      isLogged: true,
      id: 'given',
      data: { text: 'Hello' },
      complete: undefined,
      correlationId: undefined,
      requestedAt: undefined,
    })
  })

  it('may have tags, each of which counts once, an id, and what it comes from', () => {
    const requestedAt = '2030-01-01T00:00:00.000Z'
    const rest = { id: 'e', data: null, correlationId: 'c', requestedAt }
    expect(parse({ ...rest, channel: 'draft', keys: ['a', 'b'], tags: ['x', 'y', 'x'] })).toEqual({
      ...rest,
      channel: drafts,
      topics: ['draft#a/b', 'draft#a/b#x', 'draft#a/b#y'],
      isLogged: false,
      complete: undefined,
    })
  })

  it('is what a publication is as JSON', () => {
    const requestedAt = new Date('2030-01-01T00:00:00.000Z')
    const options = { tags: ['x'], id: 'e', correlationId: 'c', requestedAt }
    const publications = [
      boards.event(['a', 'b'], { text: 'Hello' }, options),
      boards.event('a', { text: 'Hello' }, { id: 'e' }),
    ]
    const [full, bare] = publications.map((publication) => JSON.parse(JSON.stringify(publication)) as object)
    expect(full).toEqual({
      channel: 'board',
      keys: ['a', 'b'],
      tags: ['x'],
      id: 'e',
      data: { text: 'Hello' },
      correlationId: 'c',
      requestedAt: '2030-01-01T00:00:00.000Z',
    })
    expect(bare).toEqual({ channel: 'board', keys: ['a'], id: 'e', data: { text: 'Hello' } })
    expect([full, bare].map((wire) => parse(wire).id)).toEqual(['e', 'e'])
  })

  it('may end subscriptions in place of data: all under a key, those to some tags, or those of a user', () => {
    const publications = [
      boards.complete('a', { id: 'e' }),
      boards.complete('a', { tags: ['x', 'y'] }),
      boards.complete('a', { user: 'ann' }),
      drafts.complete('a'),
    ]
    const wire = publications.map((publication) => JSON.parse(JSON.stringify(publication)) as object)
    expect(wire.slice(0, 1)).toEqual([{ channel: 'board', keys: ['a'], id: 'e', complete: true }])
    expect(wire.map(parse)).toMatchObject([
      { topics: ['board#a', 'board#a#'], isLogged: true, id: 'e', data: null, complete: true },
      { topics: ['board#a#x', 'board#a#y'], isLogged: false, complete: true },
      { topics: ['board#a', 'board#a#'], isLogged: false, complete: { user: 'ann' } },
      { topics: ['draft#a', 'draft#a#'], isLogged: false, complete: true },
    ])
    expect(() => boards.complete('a', { user: '' })).toThrow(
      new TypeError('Expected "complete" to be true or { "user": "<subject>" }, got an object.'),
    )
  })

  it('has no tags on an ordered channel', () => {
    const positions = channel('position', { log: false, ordered: 'latest' })
    const wire = { channel: 'position', keys: 'a', data: 1, tags: ['x'] }
    expect(() => parseWireEvent(wire, new Map([['position', positions]]), 'given')).toThrow(
      new InvalidEvent(
        'Expected no "tags" on channel "position", which is ordered: make what selects a part of its keys.',
      ),
    )
  })

  it.each<readonly [string, unknown, string]>([
    ['no object', 'Hello', 'Expected an event to be an object, got a string.'],
    ['null', null, 'Expected an event to be an object, got null.'],
    ['a list', [event], 'Expected an event to be an object, got a list.'],
    [
      'with a member that is unknown',
      { ...event, key: 'a' },
      'Expected an event to have no member but channel, keys, tags, id, data, complete, correlationId, requestedAt; got "key".',
    ],
    [
      'without a channel',
      { ...event, channel: undefined },
      'Expected "channel" to be one of board, person, draft; got undefined.',
    ],
    [
      'of an unknown channel',
      { ...event, channel: 'boards' },
      'Expected "channel" to be one of board, person, draft; got "boards".',
    ],
    ['of a channel that every object has', { ...event, channel: 'constructor' }, 'got "constructor".'],
    [
      'without keys',
      { ...event, keys: undefined },
      'Expected "keys" to be a string or a list of strings, got undefined.',
    ],
    [
      'with a number as a part of its key',
      { ...event, keys: ['a', 7] },
      'Expected each part of "keys" to be a string, got a number.',
    ],
    [
      'with keys that are too long',
      { ...event, keys: 'a'.repeat(2_043) },
      'Expected channel, keys and tag to have at most 2048 bytes together, got 2049.',
    ],
    [
      'with a tag that is too long',
      { ...event, tags: ['a'.repeat(2_041)] },
      'Expected channel, keys and tag to have at most 2048 bytes together, got 2049.',
    ],
    [
      'with half a character in its key',
      { ...event, keys: '\ud800' },
      'Expected channel, keys and tag to be well-formed Unicode.',
    ],
    ['with tags that are no list', { ...event, tags: 'x' }, 'Expected "tags" to be a list of strings, got a string.'],
    ['with null as tags', { ...event, tags: null }, 'Expected "tags" to be a list of strings, got null.'],
    [
      'with a number as a tag',
      { ...event, tags: ['x', 7] },
      'Expected each of "tags" to be a string that is not empty, got a number.',
    ],
    [
      'with an empty tag',
      { ...event, tags: [''] },
      'Expected each of "tags" to be a string that is not empty, got an empty string.',
    ],
    [
      'with eleven tags',
      { ...event, tags: Array.from({ length: 11 }, (_, n) => `t${n}`) },
      'Expected "tags" to hold at most 10 tags, got 11.',
    ],
    ['with a number as its id', { ...event, id: 7 }, 'Expected "id" to be a string, got a number.'],
    ['with null as its id', { ...event, id: null }, 'Expected "id" to be a string, got null.'],
    ['with an empty id', { ...event, id: '' }, 'Expected "id" to have 1 to 1,024 bytes, got 0.'],
    [
      'with an id that is too long',
      { ...event, id: 'é'.repeat(513) },
      'Expected "id" to have 1 to 1,024 bytes, got 1026.',
    ],
    ['with half a character in its id', { ...event, id: '\ud800' }, 'Expected "id" to be well-formed Unicode.'],
    ['without data', { channel: 'board', keys: 'a' }, 'Expected either "data" or "complete" to be there.'],
    ['with both', { ...event, complete: true }, 'Expected either "data" or "complete" to be there.'],
    [
      'with false as its end',
      { channel: 'board', keys: 'a', complete: false },
      'Expected "complete" to be true or { "user": "<subject>" }, got a boolean.',
    ],
    [
      'with an end of nobody',
      { channel: 'board', keys: 'a', complete: { user: '' } },
      'Expected "complete" to be true or { "user": "<subject>" }, got an object.',
    ],
    [
      'with an end that says more',
      { channel: 'board', keys: 'a', complete: { user: 'ann', tags: ['x'] } },
      'Expected "complete" to be true or { "user": "<subject>" }, got an object.',
    ],
    [
      'with a number as its correlation',
      { ...event, correlationId: 7 },
      'Expected "correlationId" to be a string, got a number.',
    ],
    ['with a number as its time', { ...event, requestedAt: 7 }, 'Expected "requestedAt" to be a string, got a number.'],
    ['with no time as its time', { ...event, requestedAt: 'soon' }, 'Expected "requestedAt" to be a time in ISO 8601.'],
  ])('is refused if it is one %s, in a sentence that names what is wrong', (_what, wrong, message) => {
    expect(() => parse(wrong)).toThrow(InvalidEvent)
    expect(() => parse(wrong)).toThrow(message)
  })
})
