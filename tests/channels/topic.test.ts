import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  anyTagTopic,
  channelOf,
  channelTopic,
  keyParts,
  ownTopic,
  reservedNames,
  taggedTopic,
  type Topic,
} from '../../lib/channels/topic'

/** Key parts that are likely to collide, because they consist mostly of characters that the encoding uses. */
const part = fc.oneof(
  fc.string({ unit: fc.constantFrom('#', '/', '%', '2', '3', '5', 'F', 'a'), maxLength: 4 }),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
)
const keys = fc.array(part, { minLength: 1, maxLength: 3 })
const tag = part.filter((name) => name !== '')
const channel = fc.constantFrom('a', 'a-', 'board', 'chat')
/** A key, or a key with a tag. */
const place = fc.record({ channel, keys, tag: fc.option(tag, { nil: undefined }) })

interface Place {
  readonly channel: string
  readonly keys: readonly string[]
  readonly tag: string | undefined
}

function spell({ channel: name, keys: parts, tag: tagged }: Place): Topic {
  const key = channelTopic(name, parts)
  return tagged === undefined ? key : taggedTopic(key, tagged)
}

/** Decodes a topic. That it can be decoded proves that different places have different topics. */
function read(topic: string): Place {
  const [name = '', key = '', tagged] = topic.split('#')
  return { channel: name, keys: key.split('/').map(unescape), tag: tagged && unescape(tagged) }
}

function unescape(text: string): string {
  return text.replaceAll('%2F', '/').replaceAll('%23', '#').replaceAll('%25', '%')
}

describe('a topic', () => {
  it('is unique for each channel, key and tag, whatever characters they contain', () => {
    fc.assert(
      fc.property(place, (at) => {
        expect(read(spell(at))).toEqual(at)
        expect(spell({ ...at, keys: [...at.keys] })).toBe(spell(at))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is the same for a single part and for a list of one part', () => {
    expect(channelTopic('board', 'a')).toBe(channelTopic('board', ['a']))
  })

  it('stays readable: only ambiguous characters are escaped', () => {
    expect(channelTopic('board', 'Zürich & 東京')).toBe('board#Zürich & 東京')
    expect(channelTopic('board', ['shop-1', 'order-2'])).toBe('board#shop-1/order-2')
    expect(taggedTopic(channelTopic('board', 'a'), 'fr')).toBe('board#a#fr')
    expect(channelTopic('board', 'a/b#c%')).toBe('board#a%2Fb%23c%25')
  })

  it('for any tag has an empty tag, which no event has', () => {
    fc.assert(
      fc.property(place, ({ channel: name, keys: parts }) => {
        expect(read(anyTagTopic(channelTopic(name, parts)))).toEqual({ channel: name, keys: parts, tag: '' })
      }),
    )
  })

  it('contains the name of its channel', () => {
    fc.assert(
      fc.property(place, (at) => {
        expect(channelOf(spell(at))).toBe(at.channel)
      }),
    )
  })

  it('of the core begins with a reserved name, and is unique for the rest', () => {
    for (const name of reservedNames) expect(channelOf(ownTopic(name, 'a#b/c'))).toBe(name)
    expect(ownTopic('connections', 'a#b')).not.toBe(ownTopic('connections', 'a%23b'))
  })

  it('has at most 2,048 bytes, the limit of a key of the index', () => {
    const longest = 'é'.repeat(1_021) // 2,042 bytes, and 6 of "board#"
    expect(Buffer.byteLength(channelTopic('board', longest))).toBe(2_048)
    expect(() => channelTopic('board', `${longest}a`)).toThrow(
      new TypeError('Expected channel, keys and tag to have at most 2048 bytes together, got 2049.'),
    )
    expect(() => taggedTopic(channelTopic('board', longest), 'x')).toThrow('at most 2048 bytes together, got 2050.')
  })

  // Regression: two keys that differed only in a lone surrogate had the same topic, because UTF-8 cannot encode it.
  it('must be well-formed Unicode', () => {
    const wrong = new TypeError('Expected channel, keys and tag to be well-formed Unicode.')
    expect(() => channelTopic('board', '\ud800')).toThrow(wrong)
    expect(() => taggedTopic(channelTopic('board', 'a'), '\udc00')).toThrow(wrong)
  })
})

describe('an invalid key', () => {
  it.each([
    [undefined, 'Expected "keys" to be a string or a list of strings, got undefined.'],
    [null, 'Expected "keys" to be a string or a list of strings, got null.'],
    [7, 'Expected "keys" to be a string or a list of strings, got a number.'],
    [{ a: 1 }, 'Expected "keys" to be a string or a list of strings, got an object.'],
    [[], 'Expected "keys" to hold at least one part, got an empty list.'],
    [['a', 7], 'Expected each part of "keys" to be a string, got a number.'],
    [['a', ['b']], 'Expected each part of "keys" to be a string, got a list.'],
    [['a', null], 'Expected each part of "keys" to be a string, got null.'],
  ])('is refused with a message that describes it: %j', (given, message) => {
    expect(() => keyParts(given)).toThrow(new TypeError(message))
  })
})
