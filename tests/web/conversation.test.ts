import { describe, expect, test } from '@jest/globals'
import {
  type ChatMessage,
  type Conversation,
  type ConversationEvent,
  type DeliveredMessage,
  type Draft,
  nextConversation,
} from '../../web/src/conversation/conversation'

const draft: Draft = {
  key: 'my key',
  chatId: 'lobby',
  text: 'Good morning',
  author: 'Ada',
  writtenAt: '2026-01-01T10:00:00.000Z',
}

const accepted: ConversationEvent = {
  type: 'accepted',
  key: draft.key,
  id: 'request 1',
  sentAt: '2026-01-01T10:00:01.000Z',
}

function delivered(message: Partial<DeliveredMessage> = {}): ConversationEvent {
  return {
    type: 'delivered',
    message: {
      id: `${message.requestId ?? 'request 1'} ${message.language ?? 'fr'}`,
      sequence: 1,
      requestId: 'request 1',
      text: 'Bonjour',
      language: 'fr',
      sourceText: 'Good morning',
      sourceLanguage: 'en',
      author: 'Ada',
      sentAt: '2026-01-01T10:00:01.000Z',
      ...message,
    },
  }
}

function after(...events: readonly ConversationEvent[]): Conversation {
  return events.reduce(nextConversation, [])
}

function only(conversation: Conversation): ChatMessage {
  expect(conversation).toHaveLength(1)
  const [message] = conversation
  if (!message) throw new Error('The conversation is empty')
  return message
}

describe('A message of this user', () => {
  test('is shown at once as queued, in an unknown language', () => {
    expect(only(after({ type: 'written', draft }))).toEqual({
      key: 'my key',
      requestId: undefined,
      text: 'Good morning',
      author: 'Ada',
      language: undefined,
      at: '2026-01-01T10:00:00.000Z',
      mine: true,
      delivery: { state: 'queued' },
      translations: [],
    })
  })

  test('receives the translations with the id from its mutation', () => {
    const message = only(after({ type: 'written', draft }, accepted, delivered()))
    expect(message).toMatchObject({ key: 'my key', mine: true, language: 'en', delivery: { state: 'sent' } })
    expect(message.translations).toEqual([{ language: 'fr', text: 'Bonjour' }])
  })

  test('receives a translation that arrives before the response to its mutation', () => {
    const message = only(after({ type: 'written', draft }, delivered(), accepted))
    expect(message).toMatchObject({ key: 'my key', mine: true, language: 'en', delivery: { state: 'sent' } })
    expect(message.translations).toEqual([{ language: 'fr', text: 'Bonjour' }])
  })

  test('keeps its place when it is posted again', () => {
    const refused: ConversationEvent = {
      type: 'delivery',
      key: draft.key,
      delivery: { state: 'refused', reason: 'No.' },
    }
    const other: Draft = { ...draft, key: 'other key' }
    const conversation = after(
      { type: 'written', draft },
      refused,
      { type: 'written', draft: other },
      { type: 'written', draft },
    )
    expect(conversation.map(({ key }) => key)).toEqual(['my key', 'other key'])
    expect(conversation[0]?.delivery).toEqual({ state: 'queued' })
  })

  test('disappears when it is withdrawn', () => {
    expect(after({ type: 'written', draft }, { type: 'withdrawn', key: draft.key })).toEqual([])
  })

  test('is confirmed by a delivery of the same text if the response was lost', () => {
    const unconfirmed: ConversationEvent = { type: 'delivery', key: draft.key, delivery: { state: 'unconfirmed' } }
    const message = only(after({ type: 'written', draft }, unconfirmed, delivered()))
    expect(message).toMatchObject({ key: 'my key', requestId: 'request 1', delivery: { state: 'sent' } })
    expect(message.translations).toEqual([{ language: 'fr', text: 'Bonjour' }])
  })

  test.each([
    ['of another author', { author: 'Ben' }],
    ['of another text', { sourceText: 'Good evening' }],
    ['of another time', { sentAt: '2026-01-01T11:00:00.000Z' }],
  ])('is not confirmed by a message %s', (_difference, message) => {
    const unconfirmed: ConversationEvent = { type: 'delivery', key: draft.key, delivery: { state: 'unconfirmed' } }
    const conversation = after({ type: 'written', draft }, unconfirmed, delivered(message))
    expect(conversation.map(({ mine, delivery }) => [mine, delivery.state])).toEqual([
      [false, 'sent'],
      [true, 'unconfirmed'],
    ])
  })
})

describe('A message of another user', () => {
  test('is shown as it was written once its first translation arrives', () => {
    expect(only(after(delivered()))).toMatchObject({
      key: 'request 1',
      text: 'Good morning',
      language: 'en',
      author: 'Ada',
      mine: false,
    })
  })

  test('collects its translations, even with another message in between', () => {
    const conversation = after(
      delivered(),
      delivered({ requestId: 'request 2', sentAt: '2026-01-01T10:00:02.000Z' }),
      delivered({ language: 'de', text: 'Guten Morgen' }),
    )
    expect(conversation.map(({ translations }) => translations.map(({ text }) => text))).toEqual([
      ['Bonjour', 'Guten Morgen'],
      ['Bonjour'],
    ])
  })

  test('changes nothing if it is delivered twice', () => {
    const conversation = after(delivered())
    expect(nextConversation(conversation, delivered())).toBe(conversation)
  })

  test('keeps the objects of other messages identical', () => {
    const before = after(delivered(), delivered({ requestId: 'request 2', sentAt: '2026-01-01T10:00:02.000Z' }))
    const next = nextConversation(before, delivered({ requestId: 'request 2', language: 'de' }))
    expect(next[0]).toBe(before[0])
    expect(next[1]).not.toBe(before[1])
  })
})

test('Messages are in the order of their acceptance, before those that still wait', () => {
  const conversation = after(
    { type: 'written', draft },
    delivered({ requestId: 'late', sentAt: '2026-01-01T10:00:03.000Z', author: 'Ben' }),
    delivered({ requestId: 'early', sentAt: '2026-01-01T09:00:00.000Z', author: 'Ben' }),
    delivered({ requestId: 'between', sentAt: '2026-01-01T10:00:02.000Z', author: 'Ben' }),
  )
  expect(conversation.map(({ key }) => key)).toEqual(['early', 'between', 'late', 'my key'])
})
