import { TranslateClient } from '@aws-sdk/client-translate'
import { createPublisher, logger, sdkTimeOuts } from '../lib'
import { translationEvent } from '../schema/channels'
import type { Translated } from '../schema/message'
import { amazonTranslate } from './translate'
import { parseTranslationRequest } from './translation-request'

/** What a Lambda that an SNS topic triggers receives, as far as it is read here. */
interface SnsEvent {
  readonly Records: readonly { readonly Sns: { readonly Message: string } }[]
}

/** Makes a translator: it translates each request on the SNS topic of requests into its language, and publishes the result. */
export function translateInto(language: string): (event: SnsEvent) => Promise<void> {
  const translate = amazonTranslate(new TranslateClient({ requestHandler: sdkTimeOuts }))
  const publish = createPublisher()
  return async ({ Records }) => {
    for (const { Sns } of Records) {
      const { id, ...request } = parseTranslationRequest(Sns.Message)
      logger.correlate(id)
      const { text, sourceLanguage } = await translate(request.text, language)
      const source = { requestId: id, sourceText: request.text, sourceLanguage }
      const translated: Translated = { ...request, ...source, text, language, error: null }
      await publish(translationEvent(translated))
      logger.info('Translated.', { from: sourceLanguage, into: language })
    }
  }
}
