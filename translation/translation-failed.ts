import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { createPublisher, logger, sdkTimeOuts } from '../lib'
import { translationEvent } from '../schema/channels'
import { parseFailureRecord } from './failure-record'
import { untranslated } from './translated'
import { parseTranslationRequest } from './translation-request'

const sns = new SNSClient({ requestHandler: sdkTimeOuts })
const publish = createPublisher({
  send: (Message, TopicArn) => sns.send(new PublishCommand({ TopicArn, Message })),
})
const metrics = new Metrics()

/** Receives translations that failed for good, and tells the chat: the text as it was sent comes in their place. */
export async function translationFailed(record: unknown): Promise<void> {
  const { language, messages } = parseFailureRecord(record)
  for (const message of messages) {
    const request = parseTranslationRequest(message)
    logger.correlate(request.id)
    await publish(translationEvent(untranslated(request, language)))
    metrics.addMetric('Untranslated', MetricUnit.Count, 1)
    metrics.publishStoredMetrics()
    logger.error('A translation failed for good.', { into: language })
  }
}
