import { afterEach, expect, it, jest } from '@jest/globals'
import { captureLogOfEach } from '../support/captured-log'

type Modules = typeof import('../../lib/observability/logger') & typeof import('../../lib/observability/metrics')

const outside = process.env
const lines = captureLogOfEach()
afterEach(() => {
  process.env = outside
})

it('writes the metrics of each report in a line of their own', async () => {
  const { report } = await loadIn({})
  report({ Subscribed: 1 })
  report({ RateLimited: 2 })
  expect(written()).toEqual([
    { ...embedded({ Name: 'Subscribed', Unit: 'Count' }), service: 'chat-prod', Subscribed: 1 },
    { ...embedded({ Name: 'RateLimited', Unit: 'Count' }), service: 'chat-prod', RateLimited: 2 },
  ])
})

it('adds metrics to a log line, which keeps all of its fields', async () => {
  const traceId = '1-5759e988-bd862e3fe1be46a994272793'
  const { logger, report, reportInLog } = await loadIn({ _X_AMZN_TRACE_ID: `Root=${traceId};Sampled=1` })
  logger.correlate('m1')
  logger.info('Published.', { Delivered: 3, TimeToDelivery: 40, handedOn: '0' })
  reportInLog('Published.', { Delivered: 3, TimeToDelivery: 40 }, { handedOn: '0', httpVersion: undefined })
  report({ Subscribed: 1 })
  const [line, both, next] = written()
  expect(both).toEqual({
    ...line,
    sampling_rate: undefined, // lines are not sampled
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    ...embedded({ Name: 'Delivered', Unit: 'Count' }, { Name: 'TimeToDelivery', Unit: 'Milliseconds' }),
  })
  expect(line).toMatchObject({ xray_trace_id: traceId, correlation_id: 'm1', Delivered: 3, handedOn: '0' })
  expect(next).not.toHaveProperty('message')
})

it('writes metrics even at the log level ERROR', async () => {
  const { reportInLog } = await loadIn({ POWERTOOLS_LOG_LEVEL: 'ERROR' })
  reportInLog('Published.', { Delivered: 3 }, {})
  expect(written()).toMatchObject([{ Delivered: 3, _aws: {} }])
})

it.each(['true', '1'])('writes only the log line if metrics are disabled with "%s"', async (off) => {
  const { report, reportInLog } = await loadIn({ POWERTOOLS_METRICS_DISABLED: off })
  report({ Subscribed: 1 })
  reportInLog('Published.', { Delivered: 3 }, { handedOn: '0' })
  expect(written()).toMatchObject([{ level: 'INFO', message: 'Published.', Delivered: 3, handedOn: '0' }])
  expect(written()[0]).not.toHaveProperty('_aws')
})

/** Loads the modules as in a function with this environment. */
async function loadIn(environment: NodeJS.ProcessEnv): Promise<Modules> {
  const names = { POWERTOOLS_SERVICE_NAME: 'chat-prod', POWERTOOLS_METRICS_NAMESPACE: 'Chat' }
  process.env = { ...outside, ...names, ...environment }
  let modules: Modules | undefined
  await jest.isolateModulesAsync(async () => {
    modules = {
      ...(await import('../../lib/observability/logger')),
      ...(await import('../../lib/observability/metrics')),
    }
  })
  if (!modules) throw new Error('The modules were not loaded.')
  return modules
}

function written(): readonly object[] {
  return lines.map((line) => JSON.parse(line) as object)
}

/**
 * The members from which CloudWatch extracts metrics:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function embedded(...metrics: readonly { Name: string; Unit: string }[]) {
  const directive = { Namespace: 'Chat', Dimensions: [['service']], Metrics: metrics }
  return { _aws: { Timestamp: expect.any(Number), CloudWatchMetrics: [directive] } }
}
