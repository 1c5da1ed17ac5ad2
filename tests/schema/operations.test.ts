import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Identity, ReadLog } from '../../lib'
import { createOperations } from '../../lib/operations/execute'
import { api } from '../../schema/api'
import type { GraphqlContext } from '../../schema/context'
import type { TranslationRequest } from '../../translation/translation-request'
import { translated } from './support/translated'

/** The operations of the chat, without AWS: what they return, publish and request. */
const operations = createOperations({
  schema: api.schema,
  onError: (error) => {
    throw error
  },
})

let requested: TranslationRequest[]
let reads: unknown[]
let published: unknown[]
beforeEach(() => {
  requested = []
  reads = []
  published = []
})

const identityOf = (subject: string, groups: string[] = []): Identity => {
  return { subject, groups, claims: {}, expiresAtSeconds: 2_000_000_000 }
}

async function run(query: string, { variables = {}, identity }: { variables?: object; identity?: Identity } = {}) {
  const read = (channel: { readonly name: string }, keys: unknown, page: unknown) => {
    reads.push([channel.name, keys, page])
    return Promise.resolve([{ id: 'r:fr', sequence: 7, publishedAt: new Date(0), data: translated }])
  }
  const context: GraphqlContext = {
    identity,
    requestTranslations: (request) => Promise.resolve(void requested.push(request)),
    read: read as unknown as ReadLog, // returns the chat's log, whatever its arguments
    publish: (...publications) => Promise.resolve(void published.push(...publications.map((each) => each.toJSON()))),
    newId: () => 'r',
    now: () => new Date('2030-01-01T00:00:00.000Z'),
  }
  return operations.run({ query, variables: { ...variables }, operationName: null }, context)
}

const refusedWith = (message: string, code = 'BAD_USER_INPUT') => ({
  kind: 'result',
  result: { errors: [expect.objectContaining({ message, extensions: { code } })] },
})

describe('a message', () => {
  const sent = { id: 'r', chatId: 'lobby', text: 'Hello', author: null, to: null, sentAt: '2030-01-01T00:00:00.000Z' }

  it('is handed to the translators, and its mutation returns id, chatId and sentAt', async () => {
    const query = 'mutation { sendMessage(chatId: "lobby", text: "Hello", author: "Ann") { id chatId sentAt } }'
    expect(await run(query)).toMatchObject({
      result: { data: { sendMessage: { id: 'r', chatId: 'lobby', sentAt: '2030-01-01T00:00:00.000Z' } } },
    })
    expect(requested).toEqual([{ ...sent, author: 'Ann' }])
  })

  it('may be sent with putEvent', async () => {
    const query =
      'mutation { putEvent(message: "Hello", chatId: "lobby") { Entries { EventId ErrorCode } FailedEntries } }'
    expect(await run(query)).toMatchObject({
      result: { data: { putEvent: { Entries: [{ EventId: 'r', ErrorCode: null }], FailedEntries: 0 } } },
    })
    expect(requested).toEqual([sent])
  })

  it.each([
    ['an empty text', { text: ' \n' }, '"text" must not be empty.'],
    [
      'a text that is too long',
      { text: 'é'.repeat(5_001) },
      '"text" must be at most 10000 bytes of UTF-8, but is 10002.',
    ],
    ['a text with an unpaired surrogate', { text: '\ud800' }, '"text" must be well-formed Unicode.'],
    ['an empty chatId', { chatId: '' }, '"chatId" must not be empty.'],
    [
      'a chatId that is too long',
      { chatId: 'é'.repeat(129) },
      '"chatId" must be at most 256 bytes of UTF-8, but is 258.',
    ],
    ['a chatId with an unpaired surrogate', { chatId: '\udc00' }, '"chatId" must be well-formed Unicode.'],
    [
      'an author name that is too long',
      { author: 'a'.repeat(257) },
      '"author" must be at most 256 bytes of UTF-8, but is 257.',
    ],
  ])('with %s is refused', async (_what, wrong, message) => {
    const query = `mutation ($chatId: ID!, $text: String!, $author: String) {
      sendMessage(chatId: $chatId, text: $text, author: $author) { id }
    }`
    expect(await run(query, { variables: { chatId: 'lobby', text: 'Hello', ...wrong } })).toMatchObject(
      refusedWith(message),
    )
    expect(requested).toEqual([])
  })

  it('with an empty text is refused by putEvent, and the field is null', async () => {
    const query = 'mutation ($text: String!) { putEvent(message: $text, chatId: "lobby") { FailedEntries } }'
    expect(await run(query, { variables: { text: '' } })).toMatchObject({
      result: { data: { putEvent: null }, errors: [{ message: '"message" must not be empty.' }] },
    })
  })

  it('may have 10,000 bytes, the limit of Amazon Translate', async () => {
    const query = 'mutation ($text: String!) { sendMessage(chatId: "lobby", text: $text) { id } }'
    await run(query, { variables: { text: 'é'.repeat(5_000) } })
    expect(requested).toHaveLength(1)
  })
})

describe('a direct message', () => {
  const query =
    'mutation ($to: ID!, $text: String! = "Hello") { sendDirectMessage(to: $to, text: $text) { id chatId } }'
  const identity = identityOf('ann')

  it('has the user of the token as its author', async () => {
    expect(await run(query, { variables: { to: 'bob' }, identity })).toMatchObject({
      result: { data: { sendDirectMessage: { id: 'r', chatId: '' } } },
    })
    expect(requested).toMatchObject([{ author: 'ann', to: 'bob', chatId: '', text: 'Hello' }])
  })

  it.each([
    ['without a token', { to: 'bob' }, undefined, expect.anything(), 'UNAUTHENTICATED'],
    ['to an empty name', { to: '' }, identity, '"to" must not be empty.', 'BAD_USER_INPUT'],
    [
      'to a name that is too long',
      { to: 'a'.repeat(257) },
      identity,
      '"to" must be at most 256 bytes of UTF-8, but is 257.',
      'BAD_USER_INPUT',
    ],
    ['without a text', { to: 'bob', text: '' }, identity, '"text" must not be empty.', 'BAD_USER_INPUT'],
  ])('%s is refused', async (_what, variables, from, message, code) => {
    const outcome = await run(query, { variables, ...(from && { identity: from }) })
    expect(outcome).toMatchObject({ result: { errors: [{ message, extensions: { code } }] } })
    expect(requested).toEqual([])
  })
})

describe('the chat of a group', () => {
  const member = identityOf('ann', ['staff', 'finance'])
  const uses = [
    ['read', '{ messages(chatId: "group:finance") { id } }'],
    ['written to', 'mutation { sendMessage(chatId: "group:finance", text: "Hello") { id } }'],
    ['written to with putEvent', 'mutation { putEvent(message: "Hello", chatId: "group:finance") { FailedEntries } }'],
    ['subscribed to', 'subscription { chat(chatId: "group:finance") }'],
    ['subscribed to in one language', 'subscription { messages(chatId: "group:finance", languages: ["fr"]) { id } }'],
  ] as const

  it.each(uses)('can be %s by its members', async (_how, query) => {
    const outcome = await run(query, { identity: member })
    expect(outcome).not.toHaveProperty('result.errors')
  })

  it.each(uses)('cannot be %s by non-members', async (_how, query) => {
    const message = 'This chat is for the members of its group.'
    const refused = (code: string, text: unknown) => ({ result: { errors: [{ message: text, extensions: { code } }] } })
    for (const identity of [
      identityOf('bob'),
      identityOf('bob', ['group:finance']),
      identityOf('finance', ['financ']),
    ]) {
      expect(await run(query, { identity })).toMatchObject(refused('FORBIDDEN', message))
    }
    expect(await run(query)).toMatchObject(refused('UNAUTHENTICATED', expect.anything()))
    expect([requested, reads]).toEqual([[], []])
  })
})

describe('a subscription', () => {
  const listening = async (query: string, identity?: Identity) => {
    const outcome = await run(query, { ...(identity && { identity }) })
    return outcome.kind === 'subscribed' ? outcome.listening : outcome
  }

  it('to a chat listens to all of its translations', async () => {
    const all = { topics: ['chat#a b'], log: 'chat#a b', after: undefined }
    expect(await listening('subscription { chat(chatId: "a b") }')).toMatchObject(all)
    expect(await listening('subscription { messages(chatId: "a b", languages: null) { id } }')).toMatchObject(all)
  })

  it('to some languages has only their topics, and the log of the chat', async () => {
    const query = 'subscription { messages(chatId: "a", languages: ["fr", "zh-TW", "fr"], after: 7) { id } }'
    expect(await listening(query)).toMatchObject({
      topics: ['chat#a#', 'chat#a#fr', 'chat#a#zh-TW'],
      log: 'chat#a',
      after: 7,
    })
  })

  it('to the inbox selects the user of the token, and is refused without a token', async () => {
    const inbox = 'subscription { inbox { id } }'
    expect(await listening(inbox, identityOf('ann#1'))).toMatchObject({
      topics: ['inbox#ann%231'],
      log: 'inbox#ann%231',
    })
    expect(await listening(inbox)).toMatchObject({ result: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } })
  })

  it.each([
    [
      'an empty list of languages',
      'languages: []',
      '"languages" must name at least one language. Omit it to follow all of them.',
    ],
    [
      'an invalid language code',
      'languages: ["fr", "French"]',
      '"languages" must hold language codes such as "fr", not "French".',
    ],
    ['more than 100 languages', `languages: [${'"fr" '.repeat(101)}]`, '"languages" must name at most 100 languages.'],
    ['a position below 0', 'after: -1', 'Expected "after" to be 0 or the "sequence" of an event, got -1.'],
  ])('is refused with %s', async (_what, wrong, message) => {
    expect(await listening(`subscription { messages(chatId: "a", ${wrong}) { id } }`)).toMatchObject(
      refusedWith(message),
    )
  })

  it.each(['chat(chatId: "")', 'messages(chatId: "") { id }'])('is refused with an empty chatId: %s', async (field) => {
    expect(await listening(`subscription { ${field} }`)).toMatchObject(refusedWith('"chatId" must not be empty.'))
  })

  it('receives the selected fields of a translation', async () => {
    const event = { id: 'r:fr', sequence: 7, publishedAt: new Date(0), data: translated }
    const respond = (query: string) => operations.respond({ query, variables: null, operationName: null }, event, {})
    expect(await respond('subscription { chat(chatId: "a") }')).toEqual({ data: { chat: 'Bonjour' } })
    const fields = 'id sequence chatId to requestId text language sourceText sourceLanguage author error sentAt'
    for (const field of ['messages(chatId: "a")', 'inbox']) {
      expect(await respond(`subscription { told: ${field} { ${fields} } }`)).toEqual({
        data: { told: { ...translated, id: 'r:fr', sequence: 7 } },
      })
    }
  })
})

describe('the messages of a chat', () => {
  it('are read from its log with the requested position, count and languages', async () => {
    const query = '{ messages(chatId: "lobby", after: 3, first: 2, languages: ["fr"]) { id sequence text } }'
    expect(await run(query)).toMatchObject({
      result: { data: { messages: [{ id: 'r:fr', sequence: 7, text: 'Bonjour' }] } },
    })
    await run('{ messages(chatId: "lobby") { id } }')
    expect(reads).toEqual([
      ['chat', 'lobby', { after: 3, first: 2, tags: ['fr'] }],
      ['chat', 'lobby', { after: undefined, first: 100, tags: undefined }],
    ])
  })

  it.each([
    ['first: 0', '"first" must be from 1 to 500, not 0.'],
    ['first: 501', '"first" must be from 1 to 500, not 501.'],
    ['after: -1', '"after" must be 0 or the "sequence" of a message, not -1.'],
    ['languages: []', '"languages" must name at least one language. Omit it to follow all of them.'],
  ])('are refused with %s', async (wrong, message) => {
    expect(await run(`{ messages(chatId: "lobby", ${wrong}) { id } }`)).toMatchObject(refusedWith(message))
    expect(reads).toEqual([])
  })
})

describe('presence', () => {
  it('makes each subscriber a member with the name that it sends', async () => {
    const named = 'subscription { presence(chatId: "lobby", name: "Ann") { count } }'
    expect(await run(named)).toMatchObject({
      kind: 'subscribed',
      listening: { topics: ['people#lobby'], log: undefined, member: '{"name":"Ann"}' },
    })
    const nameless = 'subscription { presence(chatId: "lobby", name: " ") { count } }'
    expect(await run(nameless)).toMatchObject({ listening: { member: '{"name":null}' } })
  })

  it.each([
    [
      `subscription { presence(chatId: "lobby", name: "${'é'.repeat(65)}") { count } }`,
      '"name" must be at most 128 bytes of UTF-8, but is 130.',
    ],
    ['subscription { presence(chatId: "") { count } }', '"chatId" must not be empty.'],
    [
      '{ presence(chatId: "lobby", first: 0) { count } }',
      'Expected "first" to be a whole number from 1 to 1000, got 0.',
    ],
  ])('is refused for %s', async (query, message) => {
    expect(await run(query)).toMatchObject(refusedWith(message))
  })

  it('of a group is refused to non-members', async () => {
    const query = 'subscription { presence(chatId: "group:staff") { count } }'
    expect(await run(query, { identity: identityOf('ann') })).toEqual(
      refusedWith('This chat is for the members of its group.', 'FORBIDDEN'),
    )
  })
})

describe('typing', () => {
  it('is published to its chat, which has no log for it', async () => {
    const query = 'mutation { setTyping(chatId: "lobby", by: "1", name: "Ann") }'
    expect(await run(query)).toMatchObject({ result: { data: { setTyping: true } } })
    expect(published).toMatchObject([{ channel: 'typing', keys: ['lobby'], data: { by: '1', name: 'Ann' } }])
    expect(await run('subscription { typing(chatId: "lobby") { name } }')).toMatchObject({
      listening: { topics: ['typing#lobby'], log: undefined },
    })
  })

  it.each([
    [
      'mutation { setTyping(chatId: "group:staff", by: "1") }',
      'This chat is for the members of its group.',
      'FORBIDDEN',
    ],
    ['mutation { setTyping(chatId: "lobby", by: "") }', '"by" must not be empty.', 'BAD_USER_INPUT'],
  ])('is refused for %s', async (query, message, code) => {
    const outcome = await run(query, { identity: identityOf('ann') })
    expect(outcome).toMatchObject({ result: { errors: [expect.objectContaining({ message, extensions: { code } })] } })
    expect(published).toEqual([])
  })
})
