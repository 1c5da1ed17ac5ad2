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

/** Amazon Translate never translates this text into this language, or not in this region. `refused` is the reason, for the log. */
export interface Refusal {
  readonly refused: string
}

/** Translates a text into a language. Throws an AwsCallError at a transient failure. */
export type Translate = (text: string, targetLanguage: string) => Promise<Translation | Refusal>

/** What does not change, however often it is asked for ("Errors", TranslateText). */
const refusals = [
  UnsupportedLanguagePairException,
  InvalidRequestException, // of a region without Comprehend, which finds out languages
  TextSizeLimitExceededException,
  DetectedLanguageLowConfidenceException,
]

/**
 * Amazon Translate: at most 10,000 bytes of UTF-8 a call; `auto` also needs `comprehend:DetectDominantLanguage`.
 *
 * @param sourceLanguage of all texts; `auto` detects it for each
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
        // It names the language that a short text is most likely in.
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

/** Why the same call would fail again; undefined if it may succeed. */
function reasonOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined
  if (refusals.some((refusal) => cause instanceof refusal)) return cause.name
  // A region without Amazon Translate has no host of its name: the SDK has looked it up three times by then.
  return cause.message.includes('getaddrinfo ENOTFOUND') ? cause.message : undefined
}
