import type { MessagesSubscription } from '../generated'

/** One translation of one message, as the service delivers it: at least once, and in any order. */
export type DeliveredMessage = MessagesSubscription['messages']

export interface Translation {
  readonly language: string
  readonly text: string
}

/** The state of a sent message. `unconfirmed`: the connection was lost before the service answered. */
export type Delivery =
  | { readonly state: 'queued' | 'sending' | 'sent' | 'unconfirmed' }
  | { readonly state: 'refused'; readonly reason: string }

/** A message written on this page that the service has not accepted yet. */
export interface Draft {
  /** Unique on this page. */
  readonly key: string
  readonly chatId: string
  readonly text: string
  /** Empty if the user gave no name. */
  readonly author: string
  /** Local time, in ISO 8601, UTC. */
  readonly writtenAt: string
}

export interface ChatMessage {
  /** Constant for as long as the message is shown. */
  readonly key: string
  /** `SentMessage.id` and `Message.requestId`; undefined until the service has accepted the message. */
  readonly requestId: string | undefined
  readonly text: string
  readonly author: string
  /** The language of `text`; undefined until the first translation arrives. */
  readonly language: string | undefined
  /** When the service accepted it, otherwise when it was written on this page; in ISO 8601, UTC. */
  readonly at: string
  /** Whether it was written on this page. */
  readonly mine: boolean
  readonly delivery: Delivery
  /** At most one per language, in order of arrival. */
  readonly translations: readonly Translation[]
}

/** Messages in the order in which they are shown. */
export type Conversation = readonly ChatMessage[]

export type ConversationEvent =
  | { readonly type: 'written'; readonly draft: Draft }
  | { readonly type: 'delivery'; readonly key: string; readonly delivery: Delivery }
  | { readonly type: 'accepted'; readonly key: string; readonly id: string; readonly sentAt: string }
  | { readonly type: 'withdrawn'; readonly key: string }
  | { readonly type: 'delivered'; readonly message: DeliveredMessage }

/**
 * Applies an event. An event that changes nothing, such as a translation that arrives twice, returns the same array;
 * unchanged messages stay the same objects.
 */
export function nextConversation(conversation: Conversation, event: ConversationEvent): Conversation {
  switch (event.type) {
    case 'written':
      return write(conversation, event.draft)
    case 'delivery':
      return replace(conversation, hasKey(event.key), (message) => ({ ...message, delivery: event.delivery }))
    case 'accepted':
      return accept(conversation, event)
    case 'withdrawn':
      return conversation.filter(({ key }) => key !== event.key)
    case 'delivered':
      return deliver(conversation, event.message)
  }
}

/** A draft that is sent again keeps its place. */
function write(conversation: Conversation, draft: Draft): Conversation {
  if (!conversation.some(hasKey(draft.key))) return [...conversation, fromDraft(draft)]
  return replace(conversation, hasKey(draft.key), (message) => ({ ...message, delivery: { state: 'queued' } }))
}

function fromDraft({ key, text, author, writtenAt }: Draft): ChatMessage {
  return {
    key,
    requestId: undefined,
    text,
    author,
    language: undefined,
    at: writtenAt,
    mine: true,
    delivery: { state: 'queued' },
    translations: [],
  }
}

type Accepted = Extract<ConversationEvent, { readonly type: 'accepted' }>

/**
 * Merges an accepted draft with its message. A translation can arrive before the answer to the mutation: then the
 * conversation already has the message, as if another user had written it.
 */
function accept(conversation: Conversation, { key, id, sentAt }: Accepted): Conversation {
  const overtaking = conversation.find(({ requestId }) => requestId === id)
  const mine = conversation.find(hasKey(key))
  if (!mine) return conversation
  const { language, translations } = overtaking ?? mine
  const accepted: ChatMessage = {
    ...mine,
    requestId: id,
    at: sentAt,
    language,
    translations,
    delivery: { state: 'sent' },
  }
  return place(
    conversation.filter((message) => message !== overtaking && message !== mine),
    accepted,
  )
}

function deliver(conversation: Conversation, delivered: DeliveredMessage): Conversation {
  const known = conversation.findLast(({ requestId }) => requestId === delivered.requestId)
  if (known) return replace(conversation, hasKey(known.key), (message) => translated(message, delivered))
  const mine = conversation.find((message) => confirms(delivered, message))
  if (!mine) return place(conversation, translated(fromDelivery(delivered), delivered))
  const { key } = mine
  const accepted = accept(conversation, {
    type: 'accepted',
    key,
    id: delivered.requestId,
    sentAt: delivered.sentAt,
  })
  return deliver(accepted, delivered)
}

/** After a lost connection, the arrival of the user's own message confirms an unconfirmed draft. */
function confirms(delivered: DeliveredMessage, { delivery, text, author, at }: ChatMessage): boolean {
  return (
    delivery.state === 'unconfirmed' &&
    text === delivered.sourceText &&
    author === (delivered.author ?? '') &&
    Math.abs(Date.parse(at) - Date.parse(delivered.sentAt)) < clockToleranceMs
  )
}

/** Maximum error of the local clock plus the time that a message waits to be sent. */
const clockToleranceMs = 10 * 60_000

function fromDelivery({ requestId, sourceText, sourceLanguage, author, sentAt }: DeliveredMessage): ChatMessage {
  return {
    key: requestId,
    requestId,
    text: sourceText,
    author: author ?? '',
    language: sourceLanguage,
    at: sentAt,
    mine: false,
    delivery: { state: 'sent' },
    translations: [],
  }
}

function translated(message: ChatMessage, { language, text, sourceLanguage }: DeliveredMessage): ChatMessage {
  if (message.translations.some((translation) => translation.language === language)) return message
  return { ...message, language: sourceLanguage, translations: [...message.translations, { language, text }] }
}

/** Inserts an accepted message by time, before drafts that are not accepted yet. */
function place(conversation: Conversation, message: ChatMessage): Conversation {
  const before = conversation.findLastIndex((other) => other.requestId !== undefined && comesBefore(other, message))
  return conversation.toSpliced(before + 1, 0, message)
}

function comesBefore(a: ChatMessage, b: ChatMessage): boolean {
  return (compare(a.at, b.at) || compare(a.key, b.key)) < 0
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function replace(
  conversation: Conversation,
  isMeant: (message: ChatMessage) => boolean,
  change: (message: ChatMessage) => ChatMessage,
): Conversation {
  const index = conversation.findLastIndex(isMeant)
  const message = conversation[index]
  if (!message) return conversation
  const changed = change(message)
  return changed === message ? conversation : conversation.with(index, changed)
}

function hasKey(key: string): (message: ChatMessage) => boolean {
  return (message) => message.key === key
}
