import * as v from 'valibot'

const schema = v.object({
  id: v.string(),
  chatId: v.string(),
  text: v.string(),
  author: v.nullable(v.string()),
  /** The recipient, if the message is for a user and not for a chat. */
  to: v.optional(v.nullable(v.string()), null),
  sentAt: v.string(),
})

/** An accepted message that waits for its translations, as sent over the SNS topic of requests. */
export type TranslationRequest = Readonly<v.InferOutput<typeof schema>>

/** Parses a request from an SNS message. Throws a ValiError that names the invalid member. */
export function parseTranslationRequest(message: string): TranslationRequest {
  return v.parse(schema, JSON.parse(message))
}
