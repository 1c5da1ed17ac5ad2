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

/**
 * Amazon Translate cannot translate this text into this language, or not in this region: a retry would not help.
 * `refused` is the reason, for the log.
 */
export interface Refusal {
  readonly refused: string
}

/** Translates a text into a language. Throws an AwsCallError on a transient failure. */
export type Translate = (text: string, targetLanguage: string) => Promise<Translation | Refusal>

/** Errors that a retry does not change ("Errors", TranslateText). */
const refusals = [
  UnsupportedLanguagePairException,
  InvalidRequestException, // in a region without Comprehend, which detects languages
  TextSizeLimitExceededException,
  DetectedLanguageLowConfidenceException,
]

/**
 * Translates with Amazon Translate. A text has at most 10,000 bytes of UTF-8; `auto` also requires
 * `comprehend:DetectDominantLanguage`.
 *
 * @param sourceLanguage the language of all texts; `auto` detects it for each
 */
export function amazonTranslate(client: TranslateClient, { sourceLanguage }: { sourceLanguage: string }): Translate {
  const translateFrom = async (source: string, text: string, target: string): Promise<Translation> => {
    if (source === target) return { text, language: target, sourceLanguage: source }
    const asked = { Text: text, SourceLanguageCode: source, TargetLanguageCode: target }
    const { TranslatedText, SourceLanguageCode } = await client.send(new TranslateTextCommand(asked))
    return { text: TranslatedText ?? '', language: target, sourceLanguage: SourceLanguageCode ?? source }
  }
  return async (text, targetLanguage) => {
    try {
      return await translateFrom(sourceLanguage, text, targetLanguage).catch((error: unknown) => {
        // The error names the most likely language of a short text.
        const likely = error instanceof DetectedLanguageLowConfidenceException && error.DetectedLanguageCode
        if (typeof likely !== 'string') throw error
        return translateFrom(likely, text, targetLanguage)
      })
    } catch (cause) {
      const refused = reasonOf(cause)
      if (refused !== undefined) return { refused }
      throw new AwsCallError({ service: 'Translate', operation: 'TranslateText', cause })
    }
  }
}

/** The reason why a retry would fail; undefined if it may succeed. */
function reasonOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined
  if (refusals.some((refusal) => cause instanceof refusal)) return cause.name
  // In a region without Amazon Translate its host name does not resolve: by now the SDK has looked it up three times.
  return cause.message.includes('getaddrinfo ENOTFOUND') ? cause.message : undefined
}
