import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { logger, type Publish } from 'serverless-graphql-subscriptions'
import { translationEvent } from '../schema/channels'
import { untranslated } from './translated'
import type { TranslationRequest } from './translation-request'

const metrics = new Metrics()

/** Publishes the original text to a chat in place of a translation that failed. */
export async function tellUntranslated(
  request: TranslationRequest,
  { language, why, publish }: { readonly language: string; readonly why?: string; readonly publish: Publish },
): Promise<void> {
  await publish(translationEvent(untranslated(request, language)))
  metrics.addMetric('Untranslated', MetricUnit.Count, 1)
  metrics.publishStoredMetrics()
  logger.error('A translation failed for good.', { into: language, why })
}
