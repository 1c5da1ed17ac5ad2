import type { ApolloClient } from '@apollo/client'
import type { ConnectionState } from 'serverless-graphql-subscriptions/client'
import { connect } from './connection/connection'
import type { Protocol } from './connection/protocols'
import { sendWith } from './connection/send-message'
import {
  type Conversation,
  type ConversationEvent,
  type DeliveredMessage,
  type Draft,
  nextConversation,
} from './conversation/conversation'
import { SetTypingDocument } from './generated'
import { createOutbox, type OutboxEvent, type SettledOutcome } from './conversation/outbox'

/** The page's view of the service. Immutable: each change creates a new object. */
export interface ChatState {
  readonly status: ConnectionState
  readonly authToken: string
  /** Whether events of the time without a connection may be lost. */
  readonly isIncomplete: boolean
  /** Why the service refused a chat for want of a valid token, by chat id. */
  readonly refusals: ReadonlyMap<string, string>
  /** The chats that were opened since the page was loaded, by id. */
  readonly conversations: ReadonlyMap<string, Conversation>
}

export interface ChatOptions {
  readonly url: string
  readonly protocol: Protocol
  readonly authToken: string
  readonly now: () => Date
}

export interface Chat {
  readonly client: ApolloClient
  readonly state: () => ChatState
  /**
   * Calls `listener` after changes, at most once per frame.
   *
   * @returns a function that ends this
   */
  readonly subscribe: (listener: () => void) => () => void
  readonly write: (message: Pick<Draft, 'chatId' | 'text' | 'author'>) => void
  readonly sendAgain: (key: string) => void
  /** Withdraws a message that the service has not accepted, and returns its text; undefined if it is too late. */
  readonly withdraw: (key: string) => string | undefined
  /** Identifies this page in its typing events. */
  readonly self: string
  /** Sends a typing event to a room, at most every three seconds until a message is written. */
  readonly tellWriting: (chatId: string, name: string) => void
  readonly deliver: (chatId: string, message: DeliveredMessage) => void
  /** Reconnects with this token; empty for none. */
  readonly connectWith: (authToken: string) => void
  /** Reconnects now, without waiting for the next attempt. */
  readonly connectNow: () => void
  /** Call when the service has refused a chat for want of a valid token. */
  readonly refuse: (chatId: string, reason: string) => void
  /** Dismisses the notice about lost events. */
  readonly acceptLoss: () => void
}

/**
 * The interval of a frame: a thousand messages that arrive together are rendered once. It is a timer, because hidden
 * tabs have no animation frames.
 */
const frameMs = 16

const betweenTellingMs = 3_000

/** Everything of the page except its views: the connection, the conversations and the outbox. */
export function createChat({ url, protocol, authToken, now }: ChatOptions): Chat {
  const listeners = new Set<() => void>()
  const outbox = createOutbox((event) => {
    change({ conversations: afterEvent(event.draft.chatId, conversationEvent(event)) })
  })
  let keys = 0
  let state: ChatState = {
    status: { state: 'connecting' },
    authToken,
    isIncomplete: false,
    refusals: new Map(),
    conversations: new Map(),
  }
  const onIncomplete = () => {
    change({ isIncomplete: true })
  }
  const { connection, client } = connect({ url, protocol, onIncomplete }, () => state.authToken)
  const send = sendWith(client, refuse)
  connection.onState(follow)

  const self = Math.random().toString(36).slice(2)
  let toldMs = 0

  let announced = false

  function change(changes: Partial<ChatState>): void {
    state = { ...state, ...changes }
    if (announced) return
    announced = true
    setTimeout(announce, frameMs)
  }

  function announce(): void {
    announced = false
    for (const listener of listeners) listener()
  }

  function follow(): void {
    const status = connection.state()
    if (status.state === 'live' || status.state === 'catchingUp') outbox.open(send)
    else outbox.close()
    change({ status })
  }

  function refuse(chatId: string, reason: string): void {
    change({ refusals: new Map(state.refusals).set(chatId, reason) })
  }

  function connectWith(token: string): void {
    change({ authToken: token, refusals: new Map() })
    connection.reconnect()
  }

  function afterEvent(chatId: string, event: ConversationEvent): ChatState['conversations'] {
    const conversation = state.conversations.get(chatId) ?? []
    const next = nextConversation(conversation, event)
    return next === conversation ? state.conversations : new Map(state.conversations).set(chatId, next)
  }

  return {
    client,
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    write(message) {
      toldMs = 0 // the message ends the writing that was told of
      outbox.post({ ...message, key: `written ${++keys}`, writtenAt: now().toISOString() })
    },
    sendAgain: outbox.postAgain,
    withdraw: (key) => outbox.withdraw(key)?.text,
    self,
    tellWriting(chatId, name) {
      const nowMs = now().getTime()
      const canTell = state.status.state === 'live' && !state.refusals.has(chatId)
      if (!canTell || nowMs - toldMs < betweenTellingMs) return
      toldMs = nowMs
      const variables = { chatId, by: self, name: name === '' ? null : name }
      client.mutate({ mutation: SetTypingDocument, variables, fetchPolicy: 'no-cache' }).catch(() => undefined) // the next one is sent soon
    },
    deliver(chatId, message) {
      change({ conversations: afterEvent(chatId, { type: 'delivered', message }) })
    },
    connectWith,
    connectNow: connection.reconnect,
    refuse,
    acceptLoss() {
      change({ isIncomplete: false })
    },
  }
}

function conversationEvent(event: OutboxEvent): ConversationEvent {
  const { draft } = event
  const { key } = draft
  switch (event.kind) {
    case 'queued':
      return { type: 'written', draft }
    case 'sending':
      return { type: 'delivery', key, delivery: { state: 'sending' } }
    case 'withdrawn':
      return { type: 'withdrawn', key }
    case 'settled':
      return settled(key, event.outcome)
  }
}

function settled(key: string, outcome: SettledOutcome): ConversationEvent {
  switch (outcome.kind) {
    case 'accepted':
      return { type: 'accepted', key, id: outcome.id, sentAt: outcome.sentAt }
    case 'refused':
      return { type: 'delivery', key, delivery: { state: 'refused', reason: outcome.reason } }
    case 'unknown':
      return { type: 'delivery', key, delivery: { state: 'unconfirmed' } }
  }
}
