import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { createPublisher, logger, sdkTimeOuts } from '../lib'
import { translationEvent } from '../schema/channels'
import type { Translated } from '../schema/message'
import { parseFailureRecord } from './failure-record'
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
    const { id, ...request } = parseTranslationRequest(message)
    logger.correlate(id)
    const source = { requestId: id, sourceText: request.text, sourceLanguage: 'auto' }
    const error = 'This message could not be translated.'
    const untranslated: Translated = { ...request, ...source, language, error }
    await publish(translationEvent(untranslated))
    metrics.addMetric('Untranslated', MetricUnit.Count, 1)
    metrics.publishStoredMetrics()
    logger.error('A translation failed for good.', { into: language })
  }
}
