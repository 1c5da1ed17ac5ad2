import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { sdkTimeOuts } from '../lib/aws/sdk-time-outs'
import { required } from '../lib/environment'
import { logger } from '../lib/observability/logger'
import { untranslatedEvent } from '../schema/message-event'
import { topicsOf } from '../schema/topics'
import { parseFailureRecord } from '../translation/failure-record'
import { parseTranslationRequest } from '../translation/translation-request'

const sns = new SNSClient({ requestHandler: sdkTimeOuts })
const metrics = new Metrics()
const TopicArn = required('MESSAGES_TOPIC_ARN')

/** Receives translations that failed for good, and tells the chat. */
export async function handler(record: unknown): Promise<void> {
  const { language, messages } = parseFailureRecord(record)
  for (const message of messages) {
    const request = parseTranslationRequest(message)
    logger.correlate(request.id)
    const event = untranslatedEvent(request, language)
    const publication = { topics: topicsOf(event), event, correlationId: request.id, sentAt: request.sentAt }
    await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(publication) }))
    metrics.addMetric('Untranslated', MetricUnit.Count, 1)
    metrics.publishStoredMetrics()
    logger.error('A translation failed for good.', { into: language })
  }
}
