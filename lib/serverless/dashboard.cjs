'use strict'

/** Metrics of this stage in CloudWatch's notation. Logical ids in `${}` become names when the stack is deployed. */
const service = '${self:service}-${sls:stage}'
const own = (name, stat) => metric('GraphqlSubscriptions', name, ['service', service], stat)
const lambda = (name, key, stat) => metric('AWS/Lambda', name, ['FunctionName', '${' + key + 'LambdaFunction}'], stat)
const webSocket = (name) => metric('AWS/ApiGateway', name, ['ApiId', '${WebsocketsApi}', 'Stage', '${sls:stage}'])
const http = (name) => metric('AWS/ApiGateway', name, ['ApiId', '${HttpApi}'])
const waitingIn = (queue) =>
  metric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', ['QueueName', '${' + queue + '.QueueName}'], 'Maximum')
const units = (table, ...index) =>
  ['Read', 'Write'].map((kind) =>
    metric('AWS/DynamoDB', `Consumed${kind}CapacityUnits`, ['TableName', '${' + table + '}', ...index]),
  )

function metric(namespace, name, dimensions, stat) {
  return [namespace, name, ...dimensions, ...(stat ? [{ stat }] : [])]
}

const answering = ['Connect', 'Default', 'Disconnect', 'Graphql']

/** In the order in which an operator looks: latency, deliveries, connections, errors. */
const widgets = ({ timed, functions, outcomes }) => [
  ['Time from mutation to last delivery (ms)', ['p50', 'p99'].map((stat) => own('TimeToDelivery', stat))],
  [
    'Deliveries',
    ['Delivered', 'Gone', 'CutOff', 'Throttled', 'Failed', ...outcomes, 'Replayed'].map((name) => own(name)),
  ],
  ['Connections and messages', ['ConnectCount', 'MessageCount'].map(webSocket)],
  ['Subscriptions started, operations rate-limited', [own('Subscribed'), own('RateLimited')]],
  ['Executions per publish', ['Average', 'Maximum'].map((stat) => own('Executions', stat))],
  ['Failed events waiting', [waitingIn('FailedEvents')]],
  ['Errors', [...functions.map((key) => lambda('Errors', key)), own('InternalErrors'), own('IssuerUnreachable')]],
  ['Duration p99 (ms)', timed.map((key) => lambda('Duration', key, 'p99'))],
  [
    'Concurrent executions and throttles',
    [
      ...['Publish', 'Default'].map((key) => lambda('ConcurrentExecutions', key, 'Maximum')),
      ...['Publish', 'Default'].map((key) => lambda('Throttles', key)),
    ],
  ],
  [
    'API Gateway errors',
    [...['ClientError', 'ExecutionError', 'IntegrationError'].map(webSocket), http('5xx'), http('4xx')],
  ],
  [
    'Tables and index: units',
    [
      ...units('ClientsTable'),
      ...units('ClientsTable', 'GlobalSecondaryIndexName', 'topic'),
      ...units('MessagesTable'),
    ],
  ],
]

const [width, height, perRow] = [8, 6, 3]
const graph = { region: '${AWS::Region}', stat: 'Sum', period: 60, view: 'timeSeries' }

const widget = ([title, metrics], n) => ({
  type: 'metric',
  x: (n % perRow) * width,
  y: Math.floor(n / perRow) * height,
  width,
  height,
  properties: { title, ...graph, metrics },
})

/**
 * Builds the dashboard of the core, with an application's functions (logical ids) and its metrics of outcomes. If
 * serverless.yml names this file directly, Serverless calls it with its own arguments, and the dashboard has only the
 * core's metrics.
 */
module.exports = ({ applicationFunctions = [], outcomes = [] }) => {
  const timed = [...answering, ...applicationFunctions, 'Publish']
  const functions = [...timed, 'KeepAlive', 'CloseConnections', 'EndUser']
  const body = { widgets: widgets({ timed, functions, outcomes }).map(widget) }
  return {
    Resources: {
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: { DashboardName: service, DashboardBody: { 'Fn::Sub': JSON.stringify(body) } },
      },
    },
  }
}
