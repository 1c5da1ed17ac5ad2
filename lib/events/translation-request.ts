import * as v from 'valibot'

const schema = v.object({
  id: v.string(),
  chatId: v.string(),
  text: v.string(),
  author: v.nullable(v.string()),
  sentAt: v.string(),
})

/** A message that was accepted and waits for its translations: what goes over the SNS topic of requests. */
export type TranslationRequest = Readonly<v.InferOutput<typeof schema>>

/** Reads a request from an SNS message. Throws a ValiError that names what is wrong with it. */
export function parseTranslationRequest(message: string): TranslationRequest {
  return v.parse(schema, JSON.parse(message))
}
