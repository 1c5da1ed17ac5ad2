import { describe, expect, it } from '@jest/globals'
import { channel } from '../../lib'
import { InvalidEvent } from '../../lib/channels/decode'
import { parseWireEvent } from '../../lib/channels/wire'
import { api, boards, drafts } from '../fixture/api'
import { event, goodEvents, wrongEvents } from './support/wire-events'

const parse = (event: unknown) => parseWireEvent(event, api.channels, 'given')

describe('parseWireEvent', () => {
  it('requires only a channel, keys and data', () => {
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

  it('reads tags without duplicates, an id, a correlation id and a request time', () => {
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

  it('reads the JSON of a publication', () => {
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

  it('reads a completion of a key, of some tags or of a user', () => {
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

  it('refuses tags on an ordered channel', () => {
    const positions = channel('position', { log: false, ordered: 'latest' })
    const wire = { channel: 'position', keys: 'a', data: 1, tags: ['x'] }
    expect(() => parseWireEvent(wire, new Map([['position', positions]]), 'given')).toThrow(
      new InvalidEvent(
        'Expected no "tags" on channel "position", which is ordered. Make the value a part of the key instead.',
      ),
    )
  })

  it.each(goodEvents)('accepts an event %s', (_what, good) => {
    expect(parse(good)).toMatchObject({ channel: expect.anything(), id: expect.any(String) })
  })

  it.each(wrongEvents)('refuses an event %s, with a message that names the fault', (_what, wrong, message) => {
    expect(() => parse(wrong)).toThrow(InvalidEvent)
    expect(() => parse(wrong)).toThrow(message)
  })
})
