import {
  DetectedLanguageLowConfidenceException,
  InvalidRequestException,
  TextSizeLimitExceededException,
  type TranslateClient,
  TranslateTextCommand,
  UnsupportedLanguagePairException,
} from '@aws-sdk/client-translate'
import { AwsCallError } from 'serverless-graphql-subscriptions'
import type { Translation } from './translated'

/** Amazon Translate never translates this text into this language, or not in this region. */
export interface Refusal {
  readonly refused: string
}

/** Translates a text into a language; the language that it is in is found out. Throws an AwsCallError at what may pass. */
export type Translate = (text: string, targetLanguage: string) => Promise<Translation | Refusal>

/** What does not change, however often it is asked for ("Errors", TranslateText). */
const refusals = [
  UnsupportedLanguagePairException,
  InvalidRequestException, // of a region without Comprehend, which finds out languages
  TextSizeLimitExceededException,
  DetectedLanguageLowConfidenceException,
]

/** Amazon Translate: at most 10,000 bytes of UTF-8 a call; `auto` also needs `comprehend:DetectDominantLanguage`. */
export function amazonTranslate(client: TranslateClient): Translate {
  const translateFrom = async (source: string, text: string, target: string): Promise<Translation> => {
    const asked = { Text: text, SourceLanguageCode: source, TargetLanguageCode: target }
    const { TranslatedText, SourceLanguageCode } = await client.send(new TranslateTextCommand(asked))
    return { text: TranslatedText ?? '', language: target, sourceLanguage: SourceLanguageCode ?? source }
  }
  return async (text, targetLanguage) => {
    try {
      return await translateFrom('auto', text, targetLanguage).catch((error: unknown) => {
        // It names the language that a short text is most likely in.
        const likely = error instanceof DetectedLanguageLowConfidenceException && error.DetectedLanguageCode
        if (typeof likely !== 'string') throw error
        return translateFrom(likely, text, targetLanguage)
      })
    } catch (cause) {
      if (cause instanceof Error && refusals.some((refusal) => cause instanceof refusal)) return { refused: cause.name }
      throw new AwsCallError({ service: 'Translate', operation: 'TranslateText', cause })
    }
  }
}
