import * as v from 'valibot'
import type { TranslationRequest } from '../translation/translation-request'

/** One translation of one message. Once it is logged, it is the source event of the subscription fields. */
export interface MessageEvent {
  readonly id: string
  /** Empty if it was sent to a user. */
  readonly chatId: string
  readonly to: string | null
  readonly requestId: string
  readonly text: string
  readonly language: string
  readonly sourceText: string
  readonly sourceLanguage: string
  readonly author: string | null
  readonly sentAt: string
  /** Why `text` is the text as it was sent, and no translation. */
  readonly error: string | null
}

const logged = v.object({
  id: v.string(),
  sequence: v.number(),
  chatId: v.string(),
  to: v.nullable(v.string()),
  requestId: v.string(),
  text: v.string(),
  language: v.string(),
  sourceText: v.string(),
  sourceLanguage: v.string(),
  author: v.nullable(v.string()),
  sentAt: v.string(),
  error: v.nullable(v.string()),
})

/** With its number in the log. */
export type LoggedMessageEvent = Readonly<v.InferOutput<typeof logged>>

/** Reads an event from the log. Throws a ValiError that names what is wrong with it. */
export function parseLoggedMessageEvent(event: unknown): LoggedMessageEvent {
  return v.parse(logged, event)
}

/** What a translator found out. */
export interface Translation {
  readonly text: string
  readonly language: string
  readonly sourceLanguage: string
}

/** The event of a translation. Its id follows from the request and the language, so SNS may bring the request twice. */
export function messageEvent(request: TranslationRequest, translation: Translation): MessageEvent {
  return {
    id: `${request.id}:${translation.language}`,
    chatId: request.chatId,
    to: request.to,
    requestId: request.id,
    text: translation.text,
    language: translation.language,
    sourceText: request.text,
    sourceLanguage: translation.sourceLanguage,
    author: request.author,
    sentAt: request.sentAt,
    error: null,
  }
}

/** What takes the place of a translation that failed for good. Its id is that of the translation: it comes instead. */
export function untranslatedEvent(request: TranslationRequest, language: string): MessageEvent {
  const untranslated = { text: request.text, language, sourceLanguage: 'auto' }
  return { ...messageEvent(request, untranslated), error: 'This message could not be translated.' }
}
