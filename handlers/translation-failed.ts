import { awsServices } from '../lib/aws/services'
import { required } from '../lib/environment'
import { untranslatedEvent } from '../schema/message-event'
import { snsTopicSenders } from '../lib/aws/sns-topic'
import { parseTranslationRequest } from '../translation/translation-request'
import { logger } from '../lib/observability/logger'
import { report } from '../lib/observability/metrics'
import { parseFailureRecord } from '../translation/failure-record'
import { topicsOf } from '../schema/topics'

const send = snsTopicSenders(awsServices().at('sns')).to(required('MESSAGES_TOPIC_ARN'))

/** Hears of translations that failed for good, and tells those who wait for them. */
export async function handler(record: unknown): Promise<void> {
  const { language, messages } = parseFailureRecord(record)
  for (const message of messages) {
    const request = parseTranslationRequest(message)
    logger.correlate(request.id)
    const event = untranslatedEvent(request, language)
    await send({ topics: topicsOf(event), event, correlationId: request.id, sentAt: request.sentAt })
    report({ Untranslated: 1 })
    logger.error('A translation failed for good.', { into: language })
  }
}
