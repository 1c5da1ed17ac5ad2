import { operationHash, type SharedOperation } from '../lib/clients/items'
import { channelTopic, type Topic } from '../lib/channels/topic'
import type { OperationId } from '../lib/operations/request'
import { translationEvent } from '../schema/channels'
import { translated } from '../translation/translated'

/** The workload: all clients subscribe to one chat, as in the README's walkthrough, with Apollo Client's protocol. */
export const query = 'subscription Subscription { chat(chatId: "bench") }'
export const eventText = 'Bonjour à tous, comment allez-vous aujourd’hui ?'

/** A chat. Some of its subscribers want the event, a translation into French. */
export interface Room {
  readonly listeners: number
  readonly wanting: number
}

/** A chat whose subscribers all want every event. */
export function everyone(listeners: number): Room {
  return { listeners, wanting: listeners }
}

export function chatIdOf({ wanting, listeners }: Room): string {
  return `${wanting}of${listeners}`
}

export function topicOf(room: Room): Topic {
  return channelTopic('chat', chatIdOf(room))
}

/** Parses the name of a topic. */
export function roomOf(name: string): { readonly room: Room; readonly language: string | undefined } {
  const [, wanting, listeners, language] = /^chat#(\d+)of(\d+)(?:#(\w+))?$/.exec(name) ?? []
  return { room: { wanting: Number(wanting ?? 0), listeners: Number(listeners ?? 0) }, language }
}

/** The published event, as a translator creates it. */
export function translation(room: Room, requestId: string) {
  const request = { chatId: chatIdOf(room), text: 'Hello all, how are you today?', author: 'Ada', to: null }
  const sentAt = '2026-11-23T06:00:00.000Z'
  const french = { text: eventText, language: 'fr', sourceLanguage: 'en' }
  return translationEvent(translated({ ...request, id: requestId, sentAt }, french))
}

/** A connection id in API Gateway's format. */
export function connectionIdOf(n: number): string {
  return `L0SM9c${n.toString(36).padStart(6, '0')}CIhw=`
}

export function sharedOperation(callbackUrl: string): SharedOperation {
  return { callbackUrl, dialect: 'legacy', request: { query, variables: {}, operationName: null } }
}

/** As long as real hashes. Its value does not matter, because all subscribers share it. */
export const operationName = operationHash(sharedOperation('https://localhost/dev'), { topics: [], eventVariables: {} })

export function operationIdAt(n: number): OperationId {
  return String(1 + (n % 9)) as OperationId
}

/** The frame that every subscriber receives, for contenders that only post it. */
export function frameFor(n: number): string {
  return `{"type":"data","payload":{"data":{"chat":${JSON.stringify(eventText)}}},"id":"${operationIdAt(n)}"}`
}
