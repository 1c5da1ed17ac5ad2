import * as v from 'valibot'

const schema = v.object({
  id: v.string(),
  chatId: v.string(),
  text: v.string(),
  author: v.nullable(v.string()),
  /** The user it is for, where it is not for a chat. */
  to: v.optional(v.nullable(v.string()), null),
  sentAt: v.string(),
})

/** A message that was accepted and waits for its translations: what goes over the SNS topic of requests. */
export type TranslationRequest = Readonly<v.InferOutput<typeof schema>>

/** Reads a request from an SNS message. Throws a ValiError that names what is wrong with it. */
export function parseTranslationRequest(message: string): TranslationRequest {
  return v.parse(schema, JSON.parse(message))
}
