import { channel, presence, type Publication } from 'serverless-graphql-subscriptions'
import * as v from 'valibot'
import { type Translated, translatedSchema } from './message'

/** The translations of each chat's messages, tagged with their languages. */
export const chat = channel<Translated>('chat', { log: true, data: translatedSchema })

/** The translations of the messages to each user. */
export const inbox = channel<Translated>('inbox', { log: true, data: translatedSchema })

/** Who is in each chat. */
export const people = presence('people', { info: v.object({ name: v.nullable(v.string()) }) })

/** Who is writing in each chat. */
export const typing = channel('typing', {
  log: false,
  data: v.object({ by: v.string(), name: v.nullable(v.string()) }),
})

/**
 * The event of a translation. Its id follows from the message and the language, so SNS may bring the request twice, and what takes
 * the place of a translation that failed has the translation's own.
 */
export function translationEvent(data: Translated): Publication {
  const { requestId, language, sentAt, chatId, to } = data
  const options = { id: `${requestId}:${language}`, correlationId: requestId, requestedAt: new Date(sentAt) }
  return to === null ? chat.event(chatId, data, { ...options, tags: [language] }) : inbox.event(to, data, options)
}
