import { describe, expect, it } from '@jest/globals'
import { InvalidEvent } from '../../lib/channels/decode'
import { parseWireEvent } from '../../lib/channels/wire'
import { api, boards, drafts } from '../fixture/api'
import { event, goodEvents, wrongEvents } from './support/wire-events'

const parse = (event: unknown) => parseWireEvent(event, api.channels, 'given')

describe('an event on the wire', () => {
  it('needs a channel, keys and data', () => {
    expect(parse(event)).toEqual({
      channel: boards,
      topics: ['board#a'],
      id: 'given',
      data: { text: 'Hello' },
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

  it.each(goodEvents)('may be one %s', (_what, good) => {
    expect(parse(good)).toMatchObject({ channel: expect.anything(), id: expect.any(String) })
  })

  it.each(wrongEvents)(
    'is refused if it is one %s, in a sentence that names what is wrong',
    (_what, wrong, message) => {
      expect(() => parse(wrong)).toThrow(InvalidEvent)
      expect(() => parse(wrong)).toThrow(message)
    },
  )
})
