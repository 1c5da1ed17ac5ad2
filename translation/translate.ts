import { TranslateTextCommand, type TranslateClient } from '@aws-sdk/client-translate'
import { AwsCallError } from '../lib'
import type { Translation } from './translated'

/** Translates a text into a language; the language that it is in is found out. Throws an AwsCallError if that fails. */
export type Translate = (text: string, targetLanguage: string) => Promise<Translation>

/** Amazon Translate: at most 10,000 bytes of UTF-8 a call; `auto` also needs `comprehend:DetectDominantLanguage`. */
export function amazonTranslate(client: TranslateClient): Translate {
  return async (text, targetLanguage) => {
    try {
      const { TranslatedText, SourceLanguageCode } = await client.send(
        new TranslateTextCommand({ Text: text, SourceLanguageCode: 'auto', TargetLanguageCode: targetLanguage }),
      )
      return { text: TranslatedText ?? '', language: targetLanguage, sourceLanguage: SourceLanguageCode ?? 'auto' }
    } catch (cause) {
      throw new AwsCallError({ service: 'Translate', operation: 'TranslateText', cause })
    }
  }
}
