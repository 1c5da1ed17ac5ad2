import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it, jest } from '@jest/globals'
import * as v from 'valibot'
import { logMaskedError } from '../../lib/observability/logger'
import { monthly } from '../../tools/monthly-cost'
import { captureLog } from '../support/captured-log'
import { templateOf, propertiesOf, resourcesOf, type Template } from '../support/packaged'
import { stageName } from '../support/stage-name'

let template: Template
beforeAll(async () => {
  template = await templateOf('demo')
})

describe('the alarms', () => {
  const Indexes = v.object({ GlobalSecondaryIndexes: v.optional(v.array(v.object({ IndexName: v.string() })), []) })
  const Query = v.object({ MetricStat: v.optional(v.object({ Metric: v.unknown() })) })

  /** The metrics of an alarm that calculates from several metrics. */
  function metricsOf(alarm: unknown): readonly v.InferOutput<typeof Query>[] {
    return v.parse(v.object({ Metrics: v.array(Query) }), alarm).Metrics.filter(({ MetricStat }) => MetricStat)
  }

  it.each([['FailedEventsAlarm', 'FailedEvents']])(
    'include %s, which fires at the first message in %s',
    (alarm, queue) => {
      expect(propertiesOf(template, alarm)).toMatchObject({
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }],
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
      })
    },
  )

  it.each(['Connect', 'Default', 'Disconnect', 'Graphql', 'TranslationFailed', 'KeepAlive', 'CloseConnections'])(
    'fire at the first error of the function %s, which reaches no queue',
    (name) => {
      expect(propertiesOf(template, `${name}ErrorsAlarm`)).toMatchObject({
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Dimensions: [{ Name: 'FunctionName', Value: { Ref: `${name}LambdaFunction` } }],
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
      })
    },
  )

  it.each(['Default', 'Graphql', 'Publish'])('have a metric of the masked errors in the log of %s', (name) => {
    const lines: string[] = []
    captureLog(lines)
    logMaskedError(new Error('secret'), 'id')
    jest.restoreAllMocks()
    const { message } = v.parse(v.pipe(v.string(), v.parseJson(), v.object({ message: v.string() })), lines.join(''))
    expect(propertiesOf(template, `${name}InternalErrors`)).toEqual({
      LogGroupName: { Ref: `${name}LogGroup` },
      FilterPattern: `{ $.message = "${message}" }`,
      MetricTransformations: [
        {
          MetricNamespace: 'GraphqlSubscriptions',
          MetricName: 'InternalErrors',
          MetricValue: '1',
          Dimensions: [{ Key: 'service', Value: '$.service' }],
        },
      ],
    })
  })

  it('include one that fires if a room cannot be read again and again, from the log of publish', () => {
    expect(propertiesOf(template, 'UnreadRooms')).toMatchObject({
      LogGroupName: { Ref: 'PublishLogGroup' },
      FilterPattern: '{ $.message = "A room could not be read." }',
      MetricTransformations: [{ MetricName: 'UnreadRooms', Dimensions: [{ Key: 'service', Value: '$.service' }] }],
    })
    expect(propertiesOf(template, 'UnreadRoomsAlarm')).toMatchObject({ MetricName: 'UnreadRooms', Period: 300 })
  })

  it('are exactly those that metrics-and-alarms.md explains', async () => {
    const page = await readFile('docs/reference/metrics-and-alarms.md', 'utf8')
    const explained = [...page.matchAll(/^\|(.*?)\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+Alarm)`/g)].map(([, name]) => name),
    )
    const alarms = Object.keys(resourcesOf(template, 'AWS::CloudWatch::Alarm'))
    expect(explained.toSorted()).toEqual(alarms.toSorted())
  })

  it('watch the read and write throttles of every table and index', () => {
    const tables = Object.entries(resourcesOf(template, 'AWS::DynamoDB::Table'))
    const sources = tables.flatMap(([table, { Properties }]) => {
      const ofTable = { Name: 'TableName', Value: { Ref: table } }
      const { GlobalSecondaryIndexes: indexes } = v.parse(Indexes, Properties)
      const ofIndexes = indexes.map(({ IndexName: Value }) => [ofTable, { Name: 'GlobalSecondaryIndexName', Value }])
      return [[ofTable], ...ofIndexes]
    })
    const expected = sources.flatMap((Dimensions) => [
      { Namespace: 'AWS/DynamoDB', MetricName: 'ReadThrottleEvents', Dimensions },
      { Namespace: 'AWS/DynamoDB', MetricName: 'WriteThrottleEvents', Dimensions },
    ])
    const heard = metricsOf(propertiesOf(template, 'TableThrottlesAlarm')).map(({ MetricStat }) => MetricStat?.Metric)
    expect(heard).toHaveLength(expected.length)
    expect(heard).toEqual(expect.arrayContaining(expected))
  })

  it('watch as many metrics as `npm run cost` counts', () => {
    const alarms = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm'))
    const metrics = alarms.map(({ Properties }) => ('Metrics' in Properties ? metricsOf(Properties).length : 1))
    expect(metrics.reduce((sum, each) => sum + each, 0)).toBe(monthly.alarmMetrics)
  })

  it('have a description with the event and an action', () => {
    const alarms = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm'))
    expect(alarms.length).toBeGreaterThan(0)
    for (const { Properties } of alarms)
      expect(Properties['AlarmDescription']).toMatch(/^[A-Z].*\. .*(Read|Raise|Compare|Find|Search|Fix|ask) .*\.$/)
  })
})

describe('the dashboard', () => {
  const Widget = v.object({
    x: v.number(),
    y: v.number(),
    properties: v.object({ title: v.string(), metrics: v.array(v.array(v.unknown())) }),
  })
  const Dashboard = v.object({ widgets: v.array(Widget) })

  function dashboard(): v.InferOutput<typeof Dashboard> {
    const { DashboardBody } = propertiesOf(template, 'Dashboard')
    const text = v.parse(v.object({ 'Fn::Sub': v.string() }), DashboardBody)['Fn::Sub']
    return v.parse(v.pipe(v.string(), v.parseJson(), Dashboard), text)
  }

  it('shows the metrics of this stage', () => {
    const own = dashboard()
      .widgets.flatMap(({ properties }) => properties.metrics)
      .filter(([namespace]) => namespace === 'GraphqlSubscriptions')
    expect(new Set(own.map(([, name]) => name))).toEqual(
      new Set([
        'TimeToDelivery',
        'Delivered',
        'Gone',
        'CutOff',
        'Throttled',
        'Failed',
        'Untranslated',
        'Subscribed',
        'RateLimited',
        'Executions',
        'Replayed',
        'InternalErrors',
        'IssuerUnreachable',
      ]),
    )
    expect(new Set(own.map(([, name]) => name)).size).toBe(monthly.metrics)
    for (const [, , dimension, value] of own) expect([dimension, value]).toEqual(['service', stageName('demo')])
  })

  it('shows the errors of every function, application functions included', () => {
    const [errors] = dashboard().widgets.filter(({ properties }) => properties.title === 'Errors')
    const shown = errors?.properties.metrics.filter(([namespace]) => namespace === 'AWS/Lambda')
    const functions = Object.keys(resourcesOf(template, 'AWS::Lambda::Function'))
    expect(shown?.map(([, , , name]) => name).toSorted()).toEqual(functions.map((key) => `\${${key}}`).toSorted())
  })

  it('refers only to resources that exist', () => {
    const { DashboardBody } = propertiesOf(template, 'Dashboard')
    for (const [, logicalId = ''] of JSON.stringify(DashboardBody).matchAll(/\$\{(\w+)[.}]/g)) {
      expect(template.Resources).toHaveProperty(logicalId)
    }
  })
})

it('every function has the service name and namespace of its logs and metrics', () => {
  const functions = Object.values(resourcesOf(template, 'AWS::Lambda::Function'))
  for (const { Properties } of functions) {
    expect(Properties['Environment']).toMatchObject({
      Variables: {
        POWERTOOLS_SERVICE_NAME: stageName('demo'),
        POWERTOOLS_LOG_LEVEL: 'INFO',
        POWERTOOLS_METRICS_NAMESPACE: 'GraphqlSubscriptions',
      },
    })
  }
})

it('the stack outputs the URLs of both APIs, the dashboard and the failed events', () => {
  expect(Object.keys(template.Outputs)).toEqual(
    expect.arrayContaining(['WebSocketUrl', 'GraphqlUrl', 'DashboardUrl', 'FailedEventsUrl', 'EndUserFunctionName']),
  )
})

// Regression: in every partition, it led to the console of the commercial regions.
it('the dashboard URL uses the console of its partition', () => {
  const url = v.parse(
    v.object({ 'Fn::Sub': v.tuple([v.string(), v.object({ Console: v.unknown() })]) }),
    template.Outputs['DashboardUrl']?.Value,
  )
  expect(url['Fn::Sub'][0]).toMatch(/^https:\/\/\$\{AWS::Region\}\.\$\{Console\}\/cloudwatch\//)
  expect(url['Fn::Sub'][1].Console).toEqual({ 'Fn::FindInMap': ['Partitions', { Ref: 'AWS::Partition' }, 'Console'] })
  const hosts = Object.entries(template.Mappings['Partitions'] ?? {}).map(([name, { Console }]) => [name, Console])
  expect(Object.fromEntries(hosts)).toMatchObject({
    aws: 'console.aws.amazon.com',
    'aws-cn': 'console.amazonaws.cn',
    'aws-us-gov': 'console.amazonaws-us-gov.com',
    'aws-eusc': 'console.amazonaws-eusc.eu',
  })
})
