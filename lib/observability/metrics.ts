import { getBooleanFromEnv, isDevMode } from '@aws-lambda-powertools/commons/utils/env'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { infoLine, logger } from './logger'

const metrics = new Metrics()

/** As Powertools reads it, which then writes nothing. */
const isDisabled = getBooleanFromEnv({
  key: 'POWERTOOLS_METRICS_DISABLED',
  defaultValue: isDevMode(),
  extendedParsing: true,
})

/** What the dashboard and the alarms are made of: serverless/dashboard.cjs, serverless/alarms.yml. */
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

/** Adds to counters, and to the times from a mutation to its delivery, in ms: in one line of the log (embedded metric format). */
export function report(values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    metrics.addMetric(name, name === 'TimeToDelivery' ? MetricUnit.Milliseconds : MetricUnit.Count, value)
  }
  metrics.publishStoredMetrics()
}

/**
 * As `report`, in a line that is one of `logger.info` too, with the values as fields: two lines take a third more CPU. It is written at
 * every level of the log; where metrics are off, as `logger.info` would.
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
