import { getBooleanFromEnv, isDevMode } from '@aws-lambda-powertools/commons/utils/env'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { infoLine, logger } from './logger'

const metrics = new Metrics()

/** Evaluated as in Powertools, which writes nothing if it is true. */
const isDisabled = getBooleanFromEnv({
  key: 'POWERTOOLS_METRICS_DISABLED',
  defaultValue: isDevMode(),
  extendedParsing: true,
})

/** The metrics of the dashboard and the alarms: serverless/dashboard.cjs, serverless/alarms.yml. */
export type Counter =
  | 'Subscribed'
  | 'RateLimited'
  | 'Delivered'
  | 'Gone'
  | 'CutOff'
  | 'Failed'
  | 'Throttled'
  | 'Executions'
  | 'Replayed'
  | 'IssuerUnreachable'

type Values = Partial<Readonly<Record<Counter | 'TimeToDelivery', number>>>

/**
 * Adds to counters, and records times from a mutation to its delivery in ms, in one log line (embedded metric format).
 */
export function report(values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    metrics.addMetric(name, name === 'TimeToDelivery' ? MetricUnit.Milliseconds : MetricUnit.Count, value)
  }
  metrics.publishStoredMetrics()
}

/**
 * Like `report`, but the line is also one of `logger.info`, with the values as fields: two lines take a third more CPU.
 * It is written at every log level. If metrics are disabled, it is a plain `logger.info`.
 */
export function reportInLog(
  message: string,
  values: Values,
  fields: Readonly<Record<string, string | undefined>>,
): void {
  if (isDisabled) {
    logger.info(message, { ...values, ...fields })
    return
  }
  for (const [name, value] of Object.entries({ ...infoLine(message), ...fields })) {
    if (value !== undefined) metrics.addMetadata(name, value)
  }
  report(values)
}
