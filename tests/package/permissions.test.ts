import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import * as v from 'valibot'
import { startDynamoDb } from '../../local/dynamodb'
import { muteNodeWarning } from '../../local/environment'
import { topicArn } from '../../local/service'
import { startSns } from '../../local/sns'
import type { StandIn } from '../../local/stand-in'
import { startTranslate } from '../../local/translate'
import { textOf } from '../../lib/aws/attribute-values'
import { createDynamoDb } from '../../lib/aws/dynamodb'
import { awsServices } from '../../lib/aws/services'
import { createTable, type Table } from '../../lib/aws/table'
import { type Clients, createClients } from '../../lib/clients/clients'
import type { Client } from '../../lib/clients/client'
import { topic } from '../../lib/operations/topic'
import type { OperationId } from '../../lib/operations/request'
import { packageStage, propertiesOf, resourcesOf, type Template } from '../support/packaged'
import { startRecorder, type Recorder } from '../support/recorder'

/**
 * Runs the handlers themselves, each with an access key of its own, through everything they do, and notes what they call. A
 * call that no grant allows makes a test fail, and so does a grant that no call uses.
 */
const functions = [
  'connect',
  'default',
  'disconnect',
  'graphql',
  'translateFr',
  'translateDe',
  'translationFailed',
  'publish',
  'endUser',
  'keepAlive',
] as const
type FunctionName = (typeof functions)[number]

const region = 'us-east-1'

/** How API Gateway answers a post to a connection that is not there for a 200. */
const statuses: Readonly<Record<string, number>> = { gone: 410, refused: 403 }

let template: Template
let recorder: Recorder
const standIns: StandIn[] = []

beforeAll(async () => {
  template = await packageStage('dev')
  recorder = await startAws(template)
  await walkThrough()
}, 60_000)

afterAll(async () => {
  await Promise.all([recorder, ...standIns].map((standIn) => standIn.close()))
})

/** What Lambda does in a function's name with an event that the function failed to handle. */
const toTranslationFailed = { Action: ['lambda:InvokeFunction'], Resource: getArn('TranslationFailedLambdaFunction') }
const toFailedEvents = { Action: ['sqs:SendMessage'], Resource: getArn('FailedEvents') }
const onFailure: Partial<Record<FunctionName, readonly unknown[]>> = {
  translateFr: [{ Effect: 'Allow', ...toTranslationFailed }],
  translateDe: [{ Effect: 'Allow', ...toTranslationFailed }],
  translationFailed: [{ Effect: 'Allow', ...toFailedEvents }],
}

function getArn(logicalId: string) {
  return { 'Fn::GetAtt': [logicalId, 'Arn'] }
}

describe.each(functions)('the function %s', (name) => {
  it('may call all that its code calls, and nothing that its code does not', () => {
    expect(grantedCalls(name).toSorted()).toEqual([...(recorder.calls.get(name) ?? [])].toSorted())
  })

  it('lets Lambda write its own log and its traces, and send on what it could not handle', () => {
    expect(statements(name, 'platform')).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [`${logicalName(name)}LogGroup`, 'Arn'] },
      },
      { Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
      ...(onFailure[name] ?? []),
    ])
  })
})

it('gives each function a role of its own, and makes no other', () => {
  const roles = functions.map(roleOf)
  expect(new Set(roles).size).toBe(roles.length)
  expect(Object.keys(resourcesOf(template, 'AWS::IAM::Role')).toSorted()).toEqual(roles.toSorted())
  expect(Object.keys(resourcesOf(template, 'AWS::Lambda::Function'))).toHaveLength(functions.length)
})

async function startAws({ Resources }: Template): Promise<Recorder> {
  const dynamoDb = await startDynamoDb({
    port: 0,
    tables: [Resources['ClientsTable']?.Properties, Resources['MessagesTable']?.Properties],
  })
  const sns = await startSns({
    port: 0,
    topics: Object.keys(resourcesOf(template, 'AWS::SNS::Topic')).map(arnOf),
    subscriptions: [],
    invoke: () => Promise.resolve(),
  })
  const translate = await startTranslate({ port: 0 })
  standIns.push(dynamoDb, sns, translate)
  return startRecorder({
    behind: { dynamodb: dynamoDb.endpoint, sns: sns.endpoint, translate: translate.endpoint },
    connectionStatus: (connectionId) => statuses[connectionId] ?? 200,
  })
}

/** Every kind of message, and every branch behind which another call of AWS stands. */
async function walkThrough(): Promise<void> {
  const { handler: connect } = await load('connect', () => import('../../handlers/connect'))
  const { handler: receive } = await load('default', () => import('../../handlers/default'))
  const { handler: disconnect } = await load('disconnect', () => import('../../handlers/disconnect'))
  const { handler: graphql } = await load('graphql', () => import('../../handlers/graphql'))
  const { handler: translateFr } = await load('translateFr', () => import('../../handlers/translate'))
  const { handler: translateDe } = await load('translateDe', () => import('../../handlers/translate'))
  const { handler: publish } = await load('publish', () => import('../../handlers/publish'))

  const say = (connectionId: string, message: unknown) =>
    as('default', () => receive({ body: JSON.stringify(message), requestContext: contextOf(connectionId) }))
  const start = (id: string, query: string) => ({ id, type: 'start', payload: { query } })

  for (const connectionId of ['here', ...Object.keys(statuses)]) {
    await as('connect', () => connect({ requestContext: contextOf(connectionId) }))
    await say(connectionId, { type: 'connection_init' })
    await say(connectionId, start('1', 'subscription { chat(chatId: "a") }'))
    await say(connectionId, start('2', 'subscription { messages(chatId: "a", languages: ["fr", "de"]) { text } }'))
    await say(connectionId, { id: '2', type: 'stop' }) // an item for each language
    await say(connectionId, { id: '3', type: 'stop' }) // of what is not there
    await say(connectionId, start('4', 'mutation { putEvent(message: "Hello", chatId: "a") { FailedEntries } }'))
    await say(connectionId, start('5', '{ messages(chatId: "a") { text } }'))
    await say(connectionId, 'neither of the protocols')
  }
  await comeBack(
    say,
    (connectionId) => as('connect', () => connect({ requestContext: contextOf(connectionId) })),
    disconnect,
  )
  await storeExpired('late')
  const body = JSON.stringify({ query: 'mutation { sendMessage(chatId: "a", text: "Hello") { id } }' })
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const post = { rawPath: '/graphql', rawQueryString: '', requestContext: { http: { method: 'POST' } } }
  await as('graphql', () => graphql({ ...post, headers, body }))
  const reading = JSON.stringify({ query: '{ messages(chatId: "a") { text } }' })
  await as('graphql', () => graphql({ ...post, headers, body: reading }))

  const request = { id: 'r', chatId: 'a', text: 'Hello', author: null, sentAt: new Date().toISOString() }
  await as('translateFr', () => translateFr(snsEvent(request)))
  await as('translateDe', () => translateDe(snsEvent(request)))
  const failed = { requestContext: { functionArn: 'f-translate-fr:$LATEST' }, requestPayload: snsEvent(request) }
  const { handler: translationFailed } = await load(
    'translationFailed',
    () => import('../../handlers/translation-failed'),
  )
  await as('translationFailed', () => translationFailed(failed))
  const event = { ...request, id: 'r:fr', requestId: 'r', language: 'fr', sourceText: 'Hello', sourceLanguage: 'en' }
  const message = snsEvent({ topics: ['chat#a', 'chat#a#fr'], event })
  await as('publish', () => publish(message, timeLeft(60_000)))
  await as('publish', () => publish(snsEvent({ topics: ['chat#a'], event }), timeLeft(0))) // hands all of it on
  for (const replay of await storedSubscriptions('back')) {
    await as('publish', () => publish(snsEvent({ replay, after: 0 }), timeLeft(60_000)))
  }

  await keepTwiceAlive(say, connect, disconnect)
  await say('here', { type: 'connection_terminate' })
  const { handler: endUser } = await load('endUser', () => import('../../handlers/end-user'))
  expect(await as('endUser', () => endUser({ user: 'alice' }))).toEqual({ ended: 1 })
  await as('disconnect', () => disconnect({ requestContext: contextOf('here') }))
}

/** A client that is cut twice before it has what it missed the first time, and comes back for it. */
async function comeBack(
  say: (connectionId: string, message: unknown) => Promise<unknown>,
  connect: (connectionId: string) => Promise<unknown>,
  disconnect: (event: { requestContext: ReturnType<typeof contextOf> }) => Promise<unknown>,
): Promise<void> {
  const query = 'subscription { messages(chatId: "a", languages: ["fr", "de"], after: 0) { text } }'
  for (const connectionId of ['once', 'twice', 'back']) {
    await connect(connectionId)
    await say(connectionId, { type: 'connection_init', payload: { clientId: 'c' } })
    await say(connectionId, { id: '1', type: 'start', payload: { query } })
    if (connectionId !== 'back') await as('disconnect', () => disconnect({ requestContext: contextOf(connectionId) }))
  }
}

/** A connection that is found gone when it is kept open, on the day after its session was cut before. */
async function keepTwiceAlive(
  say: (connectionId: string, message: unknown) => Promise<unknown>,
  connect: (event: { requestContext: ReturnType<typeof contextOf> }) => Promise<unknown>,
  disconnect: (event: { requestContext: ReturnType<typeof contextOf> }) => Promise<unknown>,
): Promise<void> {
  const { handler: keepAlive } = await load('keepAlive', () => import('../../handlers/keep-alive'))
  const time = new Date().toISOString()
  for (const connectionId of ['kept', 'gone']) {
    await as('connect', () => connect({ requestContext: contextOf(connectionId) }))
    await say(connectionId, { type: 'connection_init', payload: { clientId: 'kept' } })
    await say(connectionId, { id: '1', type: 'start', payload: { query: 'subscription { chat(chatId: "b") }' } })
    if (connectionId === 'kept') await as('disconnect', () => disconnect({ requestContext: contextOf('kept') }))
  }
  await as('keepAlive', () => keepAlive({ time }))
}

/** As a replay names them. */
async function storedSubscriptions(connectionId: string): Promise<readonly unknown[]> {
  return as('endUser', async () => {
    const found: unknown[] = []
    const values = { ':connectionId': connectionId, ':subscription': 'subscription#' }
    const keys = 'connectionId = :connectionId AND begins_with(id, :subscription)'
    for await (const items of clientsTable().pages({ keys, values })) {
      for (const item of items) found.push({ connectionId, operationId: '1', operation: textOf(item, 'operation') })
    }
    return found
  })
}

function clientsTable(): Table {
  const dynamoDb = createDynamoDb(awsServices().at('dynamodb'))
  return createTable({ dynamoDb, tableName: physicalName('ClientsTable') })
}

/** A subscription with topics enough for a batch, whose token has expired, of a connection that endUser finds. */
async function storeExpired(connectionId: string): Promise<void> {
  await as('connect', async () => {
    const clients = createClients({ table: clientsTable() })
    const identity = { subject: 'alice', groups: [], expiresAtSeconds: 1, claims: {} }
    const callbackUrl = `${recorder.endpoint}/dev`
    const common = { connectionId, callbackUrl, subprotocol: undefined, connectedAtMs: Date.now(), identity }
    await clients.register(common)
    await subscribeAs(clients, { ...common, acknowledged: true, counted: undefined, ttl: 1 })
  })
}

function subscribeAs(clients: Clients, client: Client): Promise<unknown> {
  const request = { query: 'subscription { chat(chatId: "a") }', variables: null, operationName: null }
  return clients.subscribe({
    client,
    operationId: '1' as OperationId,
    topics: [topic('chat', 'a'), topic('chat', 'b')],
    shared: { callbackUrl: client.callbackUrl, dialect: 'raw', request },
    receivedAtMs: Date.now(),
  })
}

function contextOf(connectionId: string) {
  return { connectionId, connectedAt: Date.now(), requestTimeEpoch: Date.now(), requestId: 'request' }
}

function snsEvent(message: unknown) {
  return { Records: [{ Sns: { MessageId: randomUUID(), Message: JSON.stringify(message) } }] as const }
}

/** What Lambda tells a function about the invocation. */
function timeLeft(ms: number) {
  return { getRemainingTimeInMillis: () => ms }
}

/** Loads a handler as a Lambda of its own does: with its own environment and its own clients of AWS. */
async function load<Module>(name: FunctionName, importHandler: () => Promise<Module>): Promise<Module> {
  const loaded: Module[] = []
  await as(name, () =>
    jest.isolateModulesAsync(async () => {
      loaded.push(await importHandler())
    }),
  )
  const [module] = loaded
  if (!module) throw new Error(`${name} was not loaded.`)
  return module
}

/** Runs something in the environment of a function. One after the other: a process has one environment. */
async function as<Result>(name: FunctionName, run: () => Promise<Result>): Promise<Result> {
  const outside = process.env
  process.env = {
    ...outside,
    ...environmentOf(name),
    [muteNodeWarning]: 'true',
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: name,
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: recorder.endpoint,
    ...(name === 'connect' && { KEEP_ALIVE: 'true' }), // what a stage may choose
  }
  try {
    return await run()
  } finally {
    process.env = outside
  }
}

function environmentOf(name: FunctionName): Readonly<Record<string, string>> {
  const { Environment } = propertiesOf(template, `${logicalName(name)}LambdaFunction`)
  const { Variables } = v.parse(v.object({ Variables: v.record(v.string(), v.unknown()) }), Environment)
  return Object.fromEntries(Object.entries(Variables).map(([variable, value]) => [variable, valueOf(value)]))
}

const Ref = v.object({ Ref: v.string() })

function valueOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (!v.is(Ref, value)) return `${recorder.endpoint}/dev` // the one !Sub: CALLBACK_URL
  return value.Ref.endsWith('Topic') ? arnOf(value.Ref) : physicalName(value.Ref)
}

function arnOf(logicalId: string): string {
  return topicArn(region, { logicalId, name: physicalName(logicalId), properties: {} })
}

function physicalName(logicalId: string): string {
  const { TableName, TopicName } = propertiesOf(template, logicalId)
  return String(TableName ?? TopicName)
}

function logicalName(name: FunctionName): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

const GetArn = v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) })
const Sub = v.object({ 'Fn::Sub': v.string() })
const Statement = v.object({ Effect: v.literal('Allow'), Action: v.array(v.string()), Resource: v.unknown() })
const Policies = v.array(
  v.object({ PolicyName: v.string(), PolicyDocument: v.object({ Statement: v.array(Statement) }) }),
)

function roleOf(name: FunctionName): string {
  const { Role } = propertiesOf(template, `${logicalName(name)}LambdaFunction`)
  return v.parse(GetArn, Role)['Fn::GetAtt'][0]
}

function statements(name: FunctionName, policyName: string): readonly v.InferOutput<typeof Statement>[] {
  const { Policies: policies } = propertiesOf(template, roleOf(name))
  return v
    .parse(Policies, policies)
    .filter(({ PolicyName }) => PolicyName === policyName)
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
}

/** Amazon Translate calls this in the caller's name to find out the source language: no call of ours shows it. */
const implied = 'comprehend:DetectDominantLanguage'

function grantedCalls(name: FunctionName): readonly string[] {
  return statements(name, 'calls').flatMap(({ Action, Resource }) =>
    Action.filter((action) => action !== implied).flatMap((action) =>
      [Resource].flat().map((resource) => `${action} on ${resourceName(resource)}`),
    ),
  )
}

const connectionsArn =
  /^arn:\$\{AWS::Partition\}:execute-api:\$\{AWS::Region\}:\$\{AWS::AccountId\}:\$\{WebsocketsApi\}\/(dev)\/(\w+)\/@connections\/\*$/
const indexArn = /^\$\{(\w+)\.Arn\}(\/index\/\w+)$/

/** The resource of a statement, as the recorder names it. */
function resourceName(resource: unknown): string {
  if (v.is(Ref, resource)) return physicalName(resource.Ref)
  if (v.is(GetArn, resource)) return physicalName(resource['Fn::GetAtt'][0])
  if (!v.is(Sub, resource)) return String(resource)
  const [, stage, method] = connectionsArn.exec(resource['Fn::Sub']) ?? []
  if (stage !== undefined && method !== undefined) return `${method} /${stage}/@connections`
  const [, table = '', index = ''] = indexArn.exec(resource['Fn::Sub']) ?? []
  return physicalName(table) + index
}
