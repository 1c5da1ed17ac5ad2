import { channel, presence, type Publication } from 'serverless-graphql-subscriptions'
import * as v from 'valibot'
import { type Translated, translatedSchema } from './message'

/** The translations of each chat's messages, tagged with their language. */
export const chat = channel<Translated>('chat', { log: true, data: translatedSchema })

/** The translations of messages to a user. */
export const inbox = channel<Translated>('inbox', { log: true, data: translatedSchema })

/** The members of each chat. */
export const people = presence('people', { info: v.object({ name: v.nullable(v.string()) }) })

/** The writers in each chat. */
export const typing = channel('typing', {
  log: false,
  data: v.object({ by: v.string(), name: v.nullable(v.string()) }),
})

/**
 * The event of a translation. Its id is derived from the message and the language. So SNS may deliver a request twice,
 * and the replacement for a failed translation has the translation's own id.
 */
export function translationEvent(data: Translated): Publication {
  const { requestId, language, sentAt, chatId, to } = data
  const options = { id: `${requestId}:${language}`, correlationId: requestId, requestedAt: new Date(sentAt) }
  return to === null ? chat.event(chatId, data, { ...options, tags: [language] }) : inbox.event(to, data, options)
}
