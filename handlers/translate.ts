import { TranslateClient } from '@aws-sdk/client-translate'
import { awsServices } from '../lib/aws/services'
import { required } from '../lib/environment'
import { messageEvent } from '../lib/events/message-event'
import { type SnsEvent, snsTopicSenders } from '../lib/events/sns-topic'
import { parseTranslationRequest } from '../lib/events/translation-request'
import { amazonTranslate } from '../lib/translation/translate'
import { log } from '../lib/log'
import { topicsOf } from '../schema/topics'

const targetLanguage = required('TARGET_LANGUAGE')
const translate = amazonTranslate(new TranslateClient({}))
const send = snsTopicSenders(awsServices().at('sns')).to(required('MESSAGES_TOPIC_ARN'))

/** A request on the SNS topic of requests: translates it into this function's language and publishes the result. */
export async function handler({ Records }: SnsEvent): Promise<void> {
  for (const { Sns } of Records) {
    const request = parseTranslationRequest(Sns.Message)
    log.correlate(request.id)
    const event = messageEvent(request, await translate(request.text, targetLanguage))
    await send({ topics: topicsOf(event), event, correlationId: request.id, sentAt: request.sentAt })
    log.info('Translated.', { from: event.sourceLanguage, into: event.language })
  }
}
