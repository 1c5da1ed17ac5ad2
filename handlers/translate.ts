import { TranslateClient } from '@aws-sdk/client-translate'
import { sdkTimeOuts } from '../lib/aws/sdk-time-outs'
import { snsTopics } from '../lib/handlers/resources'
import { required } from '../lib/environment'
import { messageEvent } from '../schema/message-event'
import type { SnsEvent } from '../lib/aws/sns-topic'
import { parseTranslationRequest } from '../translation/translation-request'
import { amazonTranslate } from '../translation/translate'
import { logger } from '../lib/observability/logger'
import { topicsOf } from '../schema/topics'

const targetLanguage = required('TARGET_LANGUAGE')
const translate = amazonTranslate(new TranslateClient({ requestHandler: sdkTimeOuts }))
const send = snsTopics().to(required('MESSAGES_TOPIC_ARN'))

/** A request on the SNS topic of requests: translates it into this function's language and publishes the result. */
export async function handler({ Records }: SnsEvent): Promise<void> {
  for (const { Sns } of Records) {
    const request = parseTranslationRequest(Sns.Message)
    logger.correlate(request.id)
    const event = messageEvent(request, await translate(request.text, targetLanguage))
    await send({ topics: topicsOf(event), event, correlationId: request.id, sentAt: request.sentAt })
    logger.info('Translated.', { from: event.sourceLanguage, into: event.language })
  }
}
