import * as v from 'valibot'
import { StartError, type Port } from './ports'
import type { Subscription } from './sns'

/** A function that receives the messages of a queue. */
export interface QueueListener {
  readonly functionName: string
  readonly queueName: string
}

const Variables = v.record(v.string(), v.unknown())
const PortSetting = v.optional(v.union([v.string(), v.number()]))

/** The part of serverless.yml that the local service reads, after Serverless has resolved its variables. */
const ServerlessService = v.object({
  provider: v.object({ region: v.string(), environment: v.optional(Variables) }),
  functions: v.record(
    v.string(),
    v.object({
      name: v.string(),
      environment: v.optional(Variables),
      events: v.optional(v.array(v.object({ sns: v.optional(v.unknown()), sqs: v.optional(v.unknown()) }))),
    }),
  ),
  resources: v.object({
    Resources: v.record(v.string(), v.object({ Type: v.string(), Properties: v.optional(Variables) })),
  }),
  custom: v.object({
    'serverless-offline': v.object({
      host: v.optional(v.string(), 'localhost'),
      httpPort: PortSetting,
      websocketPort: PortSetting,
      lambdaPort: PortSetting,
    }),
    local: v.object({
      dynamodbPort: PortSetting,
      snsPort: PortSetting,
      tokenIssuerPort: PortSetting,
      ownAccount: v.optional(v.boolean(), false),
    }),
  }),
})

type ServerlessService = v.InferOutput<typeof ServerlessService>

/** An AWS::DynamoDB::Table, AWS::SNS::Topic or AWS::SQS::Queue of serverless.yml. */
export interface Resource {
  readonly logicalId: string
  /** Its TableName, TopicName or QueueName. */
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
}

export interface Ports {
  readonly http: Port
  readonly webSocket: Port
  readonly lambda: Port
  /** Not any free port, because the page has to know it before the port is opened. */
  readonly tokenIssuer: Port
  /** 0 means any free port. */
  readonly dynamoDb: Port
  readonly sns: Port
}

export interface LocalFunction {
  /** Its key in serverless.yml. */
  readonly key: string
  /** Its name on AWS: service, stage and key. */
  readonly name: string
  readonly environment: Readonly<Record<string, unknown>>
}

export interface LocalService {
  readonly region: string
  /** Whether functions use the shell's AWS account for services without a stand-in. */
  readonly ownAccount: boolean
  /** Where serverless-offline listens. */
  readonly host: string
  /** Where this machine reaches it. */
  readonly hostname: string
  readonly ports: Ports
  readonly tables: readonly Resource[]
  readonly topics: readonly Resource[]
  readonly queues: readonly Resource[]
  readonly functions: readonly LocalFunction[]
  readonly providerEnvironment: Readonly<Record<string, unknown>>
  readonly subscriptions: readonly Subscription[]
  readonly queueListeners: readonly QueueListener[]
}

/**
 * Reads what to run locally from Serverless's `service` and the options of the command line, which take precedence, as
 * for serverless-offline. Throws a StartError that names the place if the stand-ins do not support something in
 * serverless.yml.
 */
export function readService(service: unknown, options: Readonly<Record<string, unknown>>): LocalService {
  const parsed = v.parse(ServerlessService, service)
  const { region, environment = {} } = parsed.provider
  const offline = v.parse(ServerlessService.entries.custom.entries['serverless-offline'], {
    ...parsed.custom['serverless-offline'],
    ...options,
  })
  const topics = resourcesOf(parsed, 'AWS::SNS::Topic', 'TopicName')
  const queues = resourcesOf(parsed, 'AWS::SQS::Queue', 'QueueName')
  return {
    region,
    ownAccount: parsed.custom.local.ownAccount,
    host: offline.host,
    hostname: ['0.0.0.0', '::'].includes(offline.host) ? 'localhost' : offline.host,
    ports: readPorts({ ...offline, ...parsed.custom.local }),
    tables: resourcesOf(parsed, 'AWS::DynamoDB::Table', 'TableName'),
    topics,
    queues,
    functions: Object.entries(parsed.functions).map(([key, { name, environment = {} }]) => ({
      key,
      name,
      environment,
    })),
    providerEnvironment: environment,
    subscriptions: readSubscriptions(parsed, { region, topics }),
    queueListeners: readQueueListeners(parsed, queues),
  }
}

/** The ARN of a local topic. No real account id consists of zeros. */
export function topicArn(region: string, { name }: Resource): string {
  return `arn:aws:sns:${region}:000000000000:${name}`
}

type PortSettings = ServerlessService['custom']['serverless-offline'] & ServerlessService['custom']['local']

const anyFreePort = 0

function readPorts(settings: PortSettings): Ports {
  return {
    http: readPort(settings.httpPort, { number: 3000, variable: 'HTTP_PORT', purpose: 'the HTTP API' }),
    webSocket: readPort(settings.websocketPort, {
      number: 3001,
      variable: 'WEBSOCKET_PORT',
      purpose: 'the WebSocket API',
    }),
    lambda: readPort(settings.lambdaPort, {
      number: 3002,
      variable: 'LAMBDA_PORT',
      purpose: "serverless-offline's Lambda endpoint",
    }),
    tokenIssuer: readPort(settings.tokenIssuerPort, {
      number: 4004,
      variable: 'TOKEN_ISSUER_PORT',
      purpose: 'the local token issuer',
    }),
    dynamoDb: readPort(
      settings.dynamodbPort,
      { number: 8000, variable: 'DYNAMODB_PORT', purpose: 'DynamoDB' },
      anyFreePort,
    ),
    sns: readPort(
      settings.snsPort,
      { number: 4002, variable: 'SNS_PORT', purpose: 'the stand-in for SNS' },
      anyFreePort,
    ),
  }
}

function readPort(setting: string | number | undefined, usual: Port, lowest = 1): Port {
  const number = Number(setting ?? usual.number)
  if (Number.isInteger(number) && number >= lowest && number <= 65535) return { ...usual, number }
  throw new StartError(
    `Expected ${usual.variable} to be a port number from ${lowest} to 65535, got "${String(setting)}".`,
  )
}

function resourcesOf({ resources }: ServerlessService, type: string, nameProperty: string): readonly Resource[] {
  return Object.entries(resources.Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([logicalId, { Properties: properties = {} }]) => {
      const name = properties[nameProperty]
      if (typeof name === 'string') return { logicalId, name, properties }
      throw new StartError(
        `Expected ${logicalId} in serverless.yml to have a plain text as ${nameProperty}, because it also runs locally.`,
      )
    })
}

const SnsEventSource = v.strictObject({
  arn: v.strictObject({ Ref: v.string() }),
  topicName: v.optional(v.string()),
})

interface Topics {
  readonly region: string
  readonly topics: readonly Resource[]
}

function readSubscriptions({ functions }: ServerlessService, known: Topics): readonly Subscription[] {
  return Object.entries(functions).flatMap(([key, { name, events = [] }]) =>
    events
      .filter(({ sns }) => sns !== undefined)
      .map(({ sns }) => ({ functionName: name, topicArn: eventTopicArn(key, sns, known) })),
  )
}

function eventTopicArn(functionKey: string, sns: unknown, { region, topics }: Topics): string {
  const source = v.safeParse(SnsEventSource, sns)
  const topic = source.success && topics.find(({ logicalId }) => logicalId === source.output.arn.Ref)
  if (topic) return topicArn(region, topic)
  throw new StartError(
    `Function ${functionKey}: the sns event ${JSON.stringify(sns)} does not run locally, ` +
      'expected { arn: !Ref <a topic of resources>, topicName }.',
  )
}

const SqsEventSource = v.object({ arn: v.strictObject({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) }) })

function readQueueListeners({ functions }: ServerlessService, queues: readonly Resource[]): readonly QueueListener[] {
  return Object.entries(functions).flatMap(([key, { name, events = [] }]) =>
    events
      .filter(({ sqs }) => sqs !== undefined)
      .map(({ sqs }) => ({ functionName: name, queueName: eventQueueName(key, sqs, queues) })),
  )
}

function eventQueueName(functionKey: string, sqs: unknown, queues: readonly Resource[]): string {
  const source = v.safeParse(SqsEventSource, sqs)
  const queue = source.success && queues.find(({ logicalId }) => logicalId === source.output.arn['Fn::GetAtt'][0])
  if (queue) return queue.name
  throw new StartError(
    `Function ${functionKey}: the sqs event ${JSON.stringify(sqs)} does not run locally, ` +
      'expected arn: !GetAtt <a queue of resources>.Arn.',
  )
}
