import type { MessageEvent } from './message-event'
import { type Topic, topic } from '../lib/operations/topic'

/** All translations of a chat's messages, or those into one language. */
export function chatTopic(chatId: string, language?: string): Topic {
  return language === undefined ? topic('chat', chatId) : topic('chat', chatId, language)
}

/** All translations of the messages to a user. */
export function inboxTopic(user: string): Topic {
  return topic('inbox', user)
}

/**
 * The topics of a translation: its chat's, and its chat's in its language. So a subscription to every language is one index
 * entry, and one to some languages is one for each; what nobody of them listens to is never read.
 */
export function topicsOf(event: MessageEvent): readonly Topic[] {
  if (event.to !== null) return [inboxTopic(event.to)]
  return [chatTopic(event.chatId), chatTopic(event.chatId, event.language)]
}
