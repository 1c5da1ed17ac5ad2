import { expect, test } from '@jest/globals'
import { awsEnvironment, forgetAccount, resolveEnvironment } from '../../lib/local/environment'
import { readService } from '../../lib/local/service'

const functions = {
  translateFr: {
    name: 'chat-dev-translateFr',
    events: [{ sns: { arn: { Ref: 'RequestsTopic' }, topicName: 'chat-dev-requests' } }],
  },
  closeConnections: {
    name: 'chat-dev-closeConnections',
    events: [{ sqs: { arn: { 'Fn::GetAtt': ['FailedEvents', 'Arn'] }, batchSize: 10 } }],
  },
}

/** The parts of Serverless's resolved configuration that the stand-ins read. */
const serverlessService = {
  provider: { region: 'eu-west-1' },
  functions,
  resources: {
    Resources: {
      ClientsTable: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'chat-dev-clients' } },
      RequestsTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'chat-dev-requests' } },
      FailedEvents: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'chat-dev-failed-events' } },
      Alarm: { Type: 'AWS::CloudWatch::Alarm' },
    },
  },
  custom: { 'serverless-offline': { websocketPort: '4001' }, local: { snsPort: '0' } },
}

const service = readService(serverlessService, {})
const endpoints = { sqs: 'http://localhost:9324' }

test('references to tables, topics and queues become names, ARNs and URLs, and other text stays', () => {
  const environment = {
    TABLE: { Ref: 'ClientsTable' },
    TOPIC: { Ref: 'RequestsTopic' },
    QUEUE: { Ref: 'FailedEvents' },
    LANGUAGE: 'fr',
    SIZE: 3,
  }
  expect(resolveEnvironment('Function f', environment, service, endpoints)).toEqual({
    TABLE: 'chat-dev-clients',
    TOPIC: 'arn:aws:sns:eu-west-1:000000000000:chat-dev-requests',
    QUEUE: 'http://localhost:9324/000000000000/chat-dev-failed-events',
    LANGUAGE: 'fr',
    SIZE: '3',
  })
})

test.each([
  [undefined, 'http://localhost:4001'],
  ['0.0.0.0', 'http://localhost:4001'],
  ['192.168.1.20', 'http://192.168.1.20:4001'],
])("on host %s, a URL of the WebSocket API becomes serverless-offline's @connections endpoint", (host, endpoint) => {
  const environment = { CALLBACK_URL: { 'Fn::Sub': 'https://${WebsocketsApi}.execute-api.${AWS::Region}.x/dev' } }
  const onHost = readService(serverlessService, { ...(host !== undefined && { host }) })
  expect(resolveEnvironment('Function f', environment, onHost, endpoints)).toEqual({ CALLBACK_URL: endpoint })
})

test.each([
  { 'Fn::GetAtt': ['ClientsTable', 'Arn'] },
  { Ref: 'Alarm' },
  { Ref: 'Nothing' },
  { 'Fn::Sub': '${AWS::AccountId}' },
  { 'Fn::Sub': ['${WebsocketsApi}', {}] },
])('an intrinsic function without a local value is an error that names its place: %j', (value) => {
  const resolve = () => resolveEnvironment('Function connect', { WHERE: value }, service, endpoints)
  expect(resolve).toThrow(`Function connect: WHERE is ${JSON.stringify(value)}`)
})

test('a function is subscribed by its full name to the topic of its sns event', () => {
  expect(service.subscriptions).toEqual([
    { functionName: 'chat-dev-translateFr', topicArn: 'arn:aws:sns:eu-west-1:000000000000:chat-dev-requests' },
  ])
})

test('a function gets the messages of the queue of its sqs event', () => {
  expect(service.queueListeners).toEqual([
    { functionName: 'chat-dev-closeConnections', queueName: 'chat-dev-failed-events' },
  ])
})

test.each([
  'arn:aws:sqs:eu-west-1:1:failed-events',
  { arn: { 'Fn::GetAtt': ['ClientsTable', 'Arn'] } },
  { arn: { Ref: 'FailedEvents' } },
])('an unsupported sqs event is an error that names the function: %j', (sqs) => {
  const other = { closeConnections: { ...functions.closeConnections, events: [{ sqs }] } }
  expect(() => readService({ ...serverlessService, functions: other }, {})).toThrow(
    'Function closeConnections: the sqs event',
  )
})

test.each([
  'requests',
  { arn: 'arn:aws:sns:eu-west-1:1:requests' },
  { arn: { Ref: 'ClientsTable' } },
  { arn: { Ref: 'RequestsTopic' }, filterPolicy: { language: ['fr'] } },
])('an unsupported sns event is an error that names the function: %j', (sns) => {
  const other = { translateFr: { ...functions.translateFr, events: [{ sns }] } }
  expect(() => readService({ ...serverlessService, functions: other }, {})).toThrow(
    'Function translateFr: the sns event',
  )
})

test('ports come from the command line, else from serverless.yml, else from the defaults', () => {
  const { ports } = readService(serverlessService, { websocketPort: '5001' })
  expect([ports.webSocket.number, ports.sns.number, ports.http.number]).toEqual([5001, 0, 3000])
})

test('an invalid port is an error that names its variable', () => {
  expect(() => readService(serverlessService, { httpPort: 'x' })).toThrow('Expected HTTP_PORT to be a port number')
  expect(() => readService(serverlessService, { httpPort: 0 })).toThrow('Expected HTTP_PORT to be a port number from 1')
})

const awsEndpoints = { dynamoDb: 'http://localhost:1', sns: 'http://localhost:2' }
const realAccount = { AWS_PROFILE: 'work', AWS_REGION: 'us-west-2', AWS_ACCESS_KEY_ID: 'AKIA', HOME: '/home/me' }

test('functions get the stand-in endpoints, the region of the service and dummy credentials', () => {
  expect(awsEnvironment(realAccount, service, awsEndpoints)).toMatchObject({
    AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:1',
    AWS_ENDPOINT_URL_SNS: 'http://localhost:2',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  })
})

test('an endpoint of the shell overrides the stand-in', () => {
  const shell = { AWS_ENDPOINT_URL_SNS: 'http://localhost:9' }
  expect(awsEnvironment(shell, service, awsEndpoints)).toMatchObject({
    AWS_ENDPOINT_URL_SNS: 'http://localhost:9',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:1',
  })
})

test('ownAccount keeps the account and region of the shell, while DynamoDB and SNS stay local', () => {
  const environment = awsEnvironment(realAccount, { ...service, ownAccount: true }, awsEndpoints)
  expect(environment).toMatchObject({
    AWS_REGION: 'us-west-2',
    HOME: '/home/me',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:1',
    AWS_ENDPOINT_URL_SNS: 'http://localhost:2',
  })
  expect(Object.keys(environment)).not.toContain('AWS_ACCESS_KEY_ID')
})

test('forgetAccount removes every AWS variable from the environment', () => {
  const shell: NodeJS.ProcessEnv = { ...realAccount, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }
  forgetAccount(shell)
  expect(shell).toEqual({ HOME: '/home/me' })
})
