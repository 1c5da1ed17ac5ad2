import { describe, expect, it } from '@jest/globals'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { GraphQLError } from 'graphql'
import * as v from 'valibot'
import { channel, InvalidEvent, type LoggedWhere } from '../../lib'
import { TopicSource } from '../../lib/channels/topic-source'
import { boards, drafts } from '../fixture/api'

/** What a subscription listens to if its field's `subscribe` returns `where`. */
async function listening(where: LoggedWhere, on = boards) {
  const source = await on.field({ subscribe: () => where }).subscribe(undefined, {}, {})
  expect(source).toBeInstanceOf(TopicSource)
  return source.listening
}

describe('the name of a channel', () => {
  it.each(['a', 'Order', 'order-status', 'order_2', 'x'.repeat(64)])('may be %s', (name) => {
    expect(channel(name, { log: true }).name).toBe(name)
  })

  it.each(['', '1a', '_a', 'a b', 'a#b', 'é', 'x'.repeat(65), 'connections', 'keepalive'])('cannot be "%s"', (name) => {
    expect(() => channel(name, { log: true })).toThrow(
      new TypeError(
        `Expected the name of a channel to be a letter followed by up to 63 letters, digits, "_" or "-", and not connections or keepalive; got "${name}".`,
      ),
    )
  })
})

describe('an ordered channel', () => {
  const positions = channel('position', { log: false, ordered: 'latest', maxPerSecond: 100, data: v.number() })
  const noTags = 'Expected no "tags" on channel "position", which is ordered. Make the value a part of the key instead.'

  it('has typed events, and completions, like any other channel', () => {
    expect(positions.event(['a', 'b'], 1, { id: 'e' })).toMatchObject({ keys: ['a', 'b'], data: 1, id: 'e' })
    expect(positions.complete('a', { user: 'ann' })).toMatchObject({ complete: { user: 'ann' } })
    // @ts-expect-error -- the data must be a number
    expect(positions.event('a', 'north').data).toBe('north')
  })

  it('refuses tags in events, completions and subscriptions', async () => {
    // @ts-expect-error -- the types have no `tags` either
    expect(() => positions.event('a', 1, { tags: ['x'] })).toThrow(new TypeError(noTags))
    // @ts-expect-error -- the types have no `tags` either
    expect(() => positions.complete('a', { tags: ['x'] })).toThrow(new TypeError(noTags))
    const where = { keys: 'a', tags: ['x'] }
    await expect(listening(where, positions as unknown as typeof boards)).rejects.toThrow(new TypeError(noTags))
    await expect(listening('a', positions as unknown as typeof boards)).resolves.toMatchObject({ log: undefined })
  })

  const notOrdered = `Expected "ordered" of channel "a" to be 'latest', together with log: false.`
  const limit = (got: unknown) =>
    `Expected "maxPerSecond" of channel "a" to be a whole number from 1 to 100, together with ordered: 'latest', got ${String(got)}.`

  it('cannot have a log, an unknown order or an invalid rate', () => {
    // @ts-expect-error -- `ordered` requires `log: false`
    expect(() => channel('a', { log: true, ordered: 'latest' })).toThrow(new TypeError(notOrdered))
    // @ts-expect-error -- `latest` is the only order
    expect(() => channel('a', { log: false, ordered: 'first' })).toThrow(new TypeError(notOrdered))
    // @ts-expect-error -- `maxPerSecond` requires `ordered`
    expect(() => channel('a', { log: false, maxPerSecond: 1 })).toThrow(new TypeError(limit(1)))
    for (const maxPerSecond of [0, 101, 1.5, NaN]) {
      expect(() => channel('a', { log: false, ordered: 'latest', maxPerSecond })).toThrow(
        new TypeError(limit(maxPerSecond)),
      )
    }
  })
})

describe('an event', () => {
  const note = { text: 'Hello' }

  it('has an id of its own, not the id in its data', () => {
    const numbered = channel<{ id: string }>('numbered', { log: true })
    const ids = [1, 2].map(() => numbered.event('a', { id: 'o-1' }).id)
    expect(new Set([...ids, 'o-1']).size).toBe(3)
    expect(numbered.event('a', { id: 'o-1' }, { id: 'given' }).id).toBe('given')
  })

  it.each<readonly [string, () => unknown, string]>([
    ['with an empty list of keys', () => boards.event([], note), 'Expected "keys" to hold at least one part'],
    [
      'with a number as a part of its key',
      () => boards.event([7 as never], note),
      'Expected each part of "keys" to be a string, got a number.',
    ],
    [
      'with an empty tag',
      () => boards.event('a', note, { tags: [''] }),
      'Expected each of "tags" to be a string that is not empty, got an empty string.',
    ],
    [
      'with undefined as a tag',
      () => boards.event('a', note, { tags: [undefined as never] }),
      'Expected each of "tags" to be a string that is not empty, got undefined.',
    ],
    [
      'with 11 tags',
      () => boards.event('a', note, { tags: Array.from({ length: 11 }, (_, n) => `t${n}`) }),
      'Expected "tags" to hold at most 10 tags, got 11.',
    ],
    ['with an empty id', () => boards.event('a', note, { id: '' }), 'Expected "id" to have 1 to 1,024 bytes, got 0.'],
    [
      'with a number as its id',
      () => boards.event('a', note, { id: 7 as never }),
      'Expected "id" to be a string, got a number.',
    ],
    ['without data', () => boards.event('a', undefined as never), 'Expected "data" to be a value, got undefined.'],
    [
      'with a key and a tag that are too long together',
      () => boards.event('a'.repeat(2_000), note, { tags: ['t'.repeat(99)] }),
      'at most 2048 bytes together',
    ],
  ])('%s is refused when it is created', (_what, make, message) => {
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })
})

describe('the data of an event', () => {
  it('are transformed by the schema of the channel', async () => {
    const trimmed = channel('trimmed', { log: true, data: v.object({ at: v.pipe(v.string(), v.trim()) }) })
    expect(await trimmed.decode({ at: ' noon ', more: 1 })).toEqual({ at: 'noon' })
  })

  it('are accepted unchanged if the channel has no schema', async () => {
    expect(await channel<unknown>('any', { log: false }).decode({ anything: [1] })).toEqual({ anything: [1] })
  })

  it.each<readonly [string, unknown, string]>([
    [
      'they are of another type',
      'Hello',
      'Invalid data for channel "board". Invalid type: Expected Object but received "Hello".',
    ],
    ['a member is missing', {}, '"text": Invalid key: Expected "text" but received undefined.'],
    ['a member has the wrong type', { text: 'Hello', tag: 7 }, '"tag": Invalid type: Expected string but received 7.'],
  ])('are refused with an explanation if %s', async (_what, data, message) => {
    await expect(boards.decode(data)).rejects.toThrow(InvalidEvent)
    await expect(boards.decode(data)).rejects.toThrow(message)
  })

  it('are refused with the path of every invalid member, for any Standard Schema', async () => {
    const issues = [{ message: 'Too many', path: ['items', 3, { key: 'count' }] }, { message: 'Nothing is right.' }]
    const schema: StandardSchemaV1<unknown, string> = {
      '~standard': { version: 1, vendor: 'test', validate: () => Promise.resolve({ issues }) },
    }
    await expect(channel('basket', { log: true, data: schema }).decode({})).rejects.toThrow(
      'Invalid data for channel "basket". "items.3.count": Too many. Nothing is right.',
    )
  })
})

describe('a subscription field', () => {
  it('subscribes to the topic of a key, under which its events are logged', async () => {
    const log = 'board#a/b'
    expect(await listening(['a', 'b'])).toEqual({ topics: [log], log, after: undefined, initial: undefined })
    expect(await listening({ keys: ['a', 'b'], tags: null, after: null })).toMatchObject({ topics: [log], log })
  })

  it('subscribes to each of its tags once, after the topic for any tag', async () => {
    const { topics, log } = await listening({ keys: 'a', tags: ['fr', 'de', 'fr'] })
    expect(topics).toEqual(['board#a#', 'board#a#fr', 'board#a#de'])
    expect(log).toBe('board#a')
  })

  it('has the same first topic whichever tags it selects, but another one without tags', async () => {
    const first = async (...tags: readonly string[]) => (await listening({ keys: 'a', tags })).topics[0]
    expect(await first('fr')).toBe(await first('de', 'es'))
    expect(await first('fr')).not.toBe((await listening('a')).topics[0])
  })

  it('has no log on a channel without one', async () => {
    const source = await drafts.field({ subscribe: () => 'a' }).subscribe(undefined, {}, {})
    expect(source.listening).toEqual({ topics: ['draft#a'], log: undefined, after: undefined, initial: undefined })
  })

  it('starts after a sequence number', async () => {
    expect(await listening({ keys: 'a', after: 0 })).toMatchObject({ after: 0 })
    expect(await listening({ keys: 'a', after: 7 })).toMatchObject({ after: 7 })
  })

  it.each([-1, 1.5, NaN, 2 ** 53, '7'])('reports an invalid position to the client: %p', async (after) => {
    const refused = listening({ keys: 'a', after: after as number })
    await expect(refused).rejects.toThrow(GraphQLError)
    await expect(refused).rejects.toMatchObject({
      message: `Expected "after" to be 0 or the "sequence" of an event, got ${after}.`,
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })

  it.each<readonly [string, LoggedWhere, string]>([
    [
      'an empty list of tags',
      { keys: 'a', tags: [] },
      'Expected "tags" to hold 1 to 100 tags, got 0. Omit it to select every event.',
    ],
    [
      '101 tags',
      { keys: 'a', tags: Array.from({ length: 101 }, (_, n) => `t${n}`) },
      'Expected "tags" to hold 1 to 100 tags, got 101. Omit it to select every event.',
    ],
    [
      'an empty tag',
      { keys: 'a', tags: [''] },
      'Expected each of "tags" to be a string that is not empty, got an empty string.',
    ],
    [
      'undefined as a tag',
      { keys: 'a', tags: [undefined as never] },
      'Expected each of "tags" to be a string that is not empty, got undefined.',
    ],
    ['a string as tags', { keys: 'a', tags: 'fr' as never }, 'Expected "tags" to be a list of strings, got a string.'],
    ['no keys', { tags: ['fr'] } as never, 'Expected "keys" to be a string or a list of strings, got undefined.'],
    [
      'a key that is too long',
      'a'.repeat(2_043),
      'Expected channel, keys and tag to have at most 2048 bytes together, got 2049.',
    ],
    ['half a surrogate pair as key', '\ud800', 'Expected channel, keys and tag to be well-formed Unicode.'],
    ['a number as key', 7 as never, 'Expected "keys" to be a string or a list of strings, got a number.'],
  ])('reports an invalid selection to the client: %s', async (_what, where, message) => {
    await expect(listening(where)).rejects.toThrow(GraphQLError)
    await expect(listening(where)).rejects.toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } })
  })

  it('can refuse a subscription asynchronously', async () => {
    const refusing = boards.field({ subscribe: () => Promise.reject(new GraphQLError('Not yours.')) })
    await expect(refusing.subscribe(undefined, {}, {})).rejects.toThrow('Not yours.')
  })

  it('passes arguments and context to `subscribe` and to `initial`', async () => {
    const heard: unknown[] = []
    const field = boards.field({
      subscribe: (args: { board: string }, context: { user: string }) => (heard.push(args, context), args.board),
      initial: (args, context) => (heard.push(args, context), { text: context.user }),
    })
    const { listening: where } = await field.subscribe(undefined, { board: 'a' }, { user: 'ann' })
    expect(heard).toEqual([{ board: 'a' }, { user: 'ann' }])
    expect(await where.initial?.()).toEqual({ text: 'ann' })
    expect(heard.slice(2)).toEqual([{ board: 'a' }, { user: 'ann' }])
  })

  it('resolves to the data of an event unless it has a resolver, which gets event and context', () => {
    const event = { id: 'e', sequence: 7, publishedAt: new Date(0), data: { text: 'Hello' } }
    expect(boards.field({ subscribe: () => 'a' }).resolve(event, {}, {})).toEqual({ text: 'Hello' })
    const resolve = (...given: unknown[]) => given
    expect(boards.field({ subscribe: () => 'a', resolve }).resolve(event, {}, 'context')).toEqual([event, 'context'])
  })

  it('cannot have a position or an initial state on a channel without a log', async () => {
    // The compiler rejects this, but JavaScript can do it.
    const loose = drafts as unknown as typeof boards
    await expect(listening({ keys: 'a', after: 0 }, loose)).rejects.toThrow(
      new TypeError('Expected no "after" on channel "draft", which has no log.'),
    )
    expect(() => loose.field({ subscribe: () => 'a', initial: () => ({ text: '' }) })).toThrow(
      new TypeError('Expected no "initial" on a field of channel "draft", which has no log.'),
    )
  })
})
