import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'

const metrics = new Metrics()

/** What the dashboard and the alarms are made of: resources/dashboard.yml, resources/alarms.yml. */
export type Counter =
  | 'Subscribed'
  | 'RateLimited'
  | 'Delivered'
  | 'Gone'
  | 'Failed'
  | 'Throttled'
  | 'Executions'
  | 'Replayed'
  | 'Untranslated'
  | 'IssuerUnreachable'

/** Adds to counters, and to the times from a mutation to its delivery; one line of the log holds all of one call (embedded metric format). */
export function report(
  counters: Partial<Readonly<Record<Counter, number>>>,
  times: { readonly TimeToDelivery?: number } = {},
): void {
  for (const [name, value] of Object.entries(counters)) metrics.addMetric(name, MetricUnit.Count, value)
  for (const [name, value] of Object.entries(times)) metrics.addMetric(name, MetricUnit.Milliseconds, value)
  metrics.publishStoredMetrics()
}
