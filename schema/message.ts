import * as v from 'valibot'
import type { LoggedEnvelope } from 'serverless-graphql-subscriptions'

const schema = v.object({
  /** Empty if the message was sent to a user. */
  chatId: v.string(),
  to: v.nullable(v.string()),
  requestId: v.string(),
  text: v.string(),
  language: v.string(),
  sourceText: v.string(),
  sourceLanguage: v.string(),
  author: v.nullable(v.string()),
  sentAt: v.string(),
  /** Why `text` is the original text and not a translation; null otherwise. */
  error: v.nullable(v.string()),
})

/** One translation of one message. */
export type Translated = Readonly<v.InferOutput<typeof schema>>

export { schema as translatedSchema }

/** The source of the type `Message` of the schema: a translation with its id and its number in the log. */
export type ChatMessage = Translated & { readonly id: string; readonly sequence: number }

export function toMessage({ id, sequence, data }: LoggedEnvelope<Translated>): ChatMessage {
  return { ...data, id, sequence }
}
