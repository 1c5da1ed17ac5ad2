import type { Translated } from '../schema/message'
import type { TranslationRequest } from './translation-request'

/** The result of a translator. */
export interface Translation {
  readonly text: string
  readonly language: string
  readonly sourceLanguage: string
}

/** A message with its translation. */
export function translated(
  { id: requestId, text: sourceText, ...message }: TranslationRequest,
  translation: Translation,
): Translated {
  return { ...message, ...translation, requestId, sourceText, error: null }
}

/** Replaces a translation that failed for good: the original text. */
export function untranslated(request: TranslationRequest, language: string): Translated {
  const translation = { text: request.text, language, sourceLanguage: 'auto' }
  return { ...translated(request, translation), error: 'This message could not be translated.' }
}
