import { TranslateClient } from '@aws-sdk/client-translate'
import { createPublisher, logger, required, sdkTimeOuts } from 'serverless-graphql-subscriptions'
import { translationEvent } from '../schema/channels'
import { tellUntranslated } from './tell-untranslated'
import { amazonTranslate } from './translate'
import { translated } from './translated'
import { parseTranslationRequest } from './translation-request'

/** The part that is read of an SNS-triggered Lambda's event. */
interface SnsEvent {
  readonly Records: readonly { readonly Sns: { readonly Message: string } }[]
}

/**
 * Creates a translator: it translates each request of the SNS topic of requests into its language, and publishes the
 * result. The environment sets the region whose Amazon Translate it calls, `TRANSLATE_REGION`, and the language of all
 * messages, `SOURCE_LANGUAGE`.
 */
export function translateInto(language: string): (event: SnsEvent) => Promise<void> {
  const { TRANSLATE_REGION: region } = process.env
  // default: the function's own region
  const client = new TranslateClient({ requestHandler: sdkTimeOuts, ...(region && { region }) })
  const translate = amazonTranslate(client, { sourceLanguage: required('SOURCE_LANGUAGE') })
  const publish = createPublisher()
  return async ({ Records }) => {
    for (const { Sns } of Records) {
      const request = parseTranslationRequest(Sns.Message)
      logger.correlate(request.id)
      const translation = await translate(request.text, language)
      if ('refused' in translation) {
        await tellUntranslated(request, { language, why: translation.refused, publish })
        continue
      }
      await publish(translationEvent(translated(request, translation)))
      logger.info('Translated.', { from: translation.sourceLanguage, into: language })
    }
  }
}
