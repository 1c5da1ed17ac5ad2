import { randomUUID } from 'node:crypto'
import { jest } from '@jest/globals'
import * as v from 'valibot'
import { startDynamoDb } from '../../lib/local/dynamodb'
import { muteNodeWarning } from '../../lib/local/environment'
import { topicArn } from '../../lib/local/service'
import { startSns } from '../../lib/local/sns'
import { startSqs } from '../../lib/local/sqs'
import { startTranslate } from '../../local/translate'
import { propertiesOf, resourcesOf, templateOf, type Template } from './packaged'
import { startRecorder } from './recorder'

const Statement = v.object({ Effect: v.literal('Allow'), Action: v.unknown(), Resource: v.unknown() })
type Statement = v.InferOutput<typeof Statement>
const PolicyDocument = v.object({ Statement: v.array(Statement) })

/**
 * The functions of the packaged `dev` stage. Each runs with an access key of its own, which identifies the caller of
 * each AWS call.
 */
export interface RecordedStage {
  readonly template: Template
  /** The endpoint of the functions' AWS calls. */
  readonly endpoint: string
  /** The AWS calls of a function so far, sorted. */
  readonly calls: (name: string) => readonly string[]
  /** The calls that a function's role allows, sorted, in the notation of `calls`. */
  readonly granted: (name: string) => readonly string[]
  /** The calls that a policy other than the roles allows, sorted, in the notation of `calls`. */
  readonly grantedBy: (policy: string) => readonly string[]
  /** The statements of one policy of a function's role. */
  readonly statements: (name: string, policyName: string) => readonly Statement[]
  readonly roleOf: (name: string) => string
  readonly physicalName: (logicalId: string) => string
  /** Loads a handler in isolation, as a Lambda does: with its own environment and its own AWS clients. */
  readonly load: <Module>(name: string, importHandler: () => Promise<Module>) => Promise<Module>
  /** Runs code in the environment of a function. Calls must not overlap, because a process has one environment. */
  readonly as: <Result>(name: string, run: () => Promise<Result>) => Promise<Result>
  /** Is called for each request to @connections. The response waits for its promise. */
  onConnection: ((connectionId: string) => Promise<unknown>) | undefined
  readonly close: () => Promise<void>
}

const region = 'us-east-1'

/** The status of @connections for these connection ids; for any other id it is 200. */
export const statuses: Readonly<Record<string, number>> = { gone: 410, refused: 403 }

export async function startRecordedStage(): Promise<RecordedStage> {
  const template = await templateOf('dev')
  const { Resources } = template
  const physicalName = (logicalId: string) => {
    const { TableName, TopicName, QueueName } = propertiesOf(template, logicalId)
    return String(TableName ?? TopicName ?? QueueName)
  }
  const arnOf = (logicalId: string) => topicArn(region, { logicalId, name: physicalName(logicalId), properties: {} })
  const standIns = {
    dynamodb: await startDynamoDb({
      port: 0,
      tables: [Resources['ClientsTable']?.Properties, Resources['MessagesTable']?.Properties],
    }),
    sns: await startSns({
      port: 0,
      topics: Object.keys(resourcesOf(template, 'AWS::SNS::Topic')).map(arnOf),
      subscriptions: [],
      invoke: () => Promise.resolve(),
    }),
    sqs: await startSqs({ port: 0, onMessage: () => undefined }),
    translate: await startTranslate({ port: 0 }),
  }
  const recorder = await startRecorder({
    behind: Object.fromEntries(Object.entries(standIns).map(([name, { endpoint }]) => [name, endpoint])),
    connectionStatus: async (connectionId) => {
      await stage.onConnection?.(connectionId)
      return statuses[connectionId] ?? 200
    },
  })

  const valueOf = (value: unknown): string => {
    if (typeof value === 'string') return value
    if (!v.is(Ref, value)) return `${recorder.endpoint}/dev` // the one !Sub: CALLBACK_URL
    if (value.Ref.endsWith('Topic')) return arnOf(value.Ref)
    const isQueue = Resources[value.Ref]?.Type === 'AWS::SQS::Queue'
    return isQueue ? `${recorder.endpoint}/000000000000/${physicalName(value.Ref)}` : physicalName(value.Ref)
  }
  const environmentOf = (name: string) => {
    const { Environment } = propertiesOf(template, `${logicalName(name)}LambdaFunction`)
    const { Variables } = v.parse(v.object({ Variables: v.record(v.string(), v.unknown()) }), Environment)
    return Object.fromEntries(Object.entries(Variables).map(([variable, value]) => [variable, valueOf(value)]))
  }
  const as = async <Result>(name: string, run: () => Promise<Result>): Promise<Result> => {
    const outside = process.env
    process.env = {
      ...outside,
      ...environmentOf(name),
      [muteNodeWarning]: 'true',
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: name,
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL: recorder.endpoint,
      ...(name === 'connect' && { KEEP_ALIVE: 'true' }), // an option of the stage, off by default
    }
    try {
      return await run()
    } finally {
      process.env = outside
    }
  }

  const roleOf = (name: string) => {
    const { Role } = propertiesOf(template, `${logicalName(name)}LambdaFunction`)
    return v.parse(GetArn, Role)['Fn::GetAtt'][0]
  }
  const statements = (name: string, policyName: string) => {
    const { Policies } = propertiesOf(template, roleOf(name))
    return v
      .parse(v.array(v.object({ PolicyName: v.string(), PolicyDocument })), Policies)
      .filter(({ PolicyName }) => PolicyName === policyName)
      .flatMap(({ PolicyDocument: { Statement: list } }) => list)
  }
  const spell = (list: readonly Statement[]) =>
    list
      .flatMap(({ Action, Resource }) =>
        [Action].flat().flatMap((action) => [Resource].flat().map((each) => `${String(action)} on ${nameOf(each)}`)),
      )
      .filter((call) => !call.startsWith(implied))
      .toSorted()
  const nameOf = (resource: unknown) => resourceName(resource, physicalName)

  const stage: RecordedStage = {
    template,
    endpoint: recorder.endpoint,
    onConnection: undefined,
    calls: (name) => [...(recorder.calls.get(name) ?? [])].toSorted(),
    granted: (name) => spell(statements(name, 'calls')),
    grantedBy: (policy) => spell(v.parse(PolicyDocument, propertiesOf(template, policy)['PolicyDocument']).Statement),
    statements,
    roleOf,
    physicalName,
    as,
    async load<Module>(name: string, importHandler: () => Promise<Module>) {
      const loaded: Module[] = []
      await as(name, () =>
        jest.isolateModulesAsync(async () => {
          loaded.push(await importHandler())
        }),
      )
      const [module] = loaded
      if (!module) throw new Error(`${name} was not loaded.`)
      return module
    },
    async close() {
      await Promise.all([recorder, ...Object.values(standIns)].map((standIn) => standIn.close()))
    },
  }
  return stage
}

export function snsEvent(message: unknown) {
  return { Records: [{ Sns: { MessageId: randomUUID(), Message: JSON.stringify(message) } }] as const }
}

export function logicalName(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

export function getArn(logicalId: string) {
  return { 'Fn::GetAtt': [logicalId, 'Arn'] }
}

/** Amazon Translate calls this in the caller's name to detect the source language, so the recorder does not see it. */
const implied = 'comprehend:DetectDominantLanguage'

const Ref = v.object({ Ref: v.string() })
const GetArn = v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) })
const Sub = v.object({ 'Fn::Sub': v.string() })

const connectionsArn =
  /^arn:\$\{AWS::Partition\}:execute-api:\$\{AWS::Region\}:\$\{AWS::AccountId\}:\$\{WebsocketsApi\}\/(dev)\/(\w+)\/@connections\/\*$/
const indexArn = /^\$\{(\w+)\.Arn\}(\/index\/\w+)$/

/** The resource of a statement, in the recorder's notation. */
function resourceName(resource: unknown, physicalName: (logicalId: string) => string): string {
  if (v.is(Ref, resource)) return physicalName(resource.Ref)
  if (v.is(GetArn, resource)) return physicalName(resource['Fn::GetAtt'][0])
  if (!v.is(Sub, resource)) return String(resource)
  const [, stage, method] = connectionsArn.exec(resource['Fn::Sub']) ?? []
  if (stage !== undefined && method !== undefined) return `${method} /${stage}/@connections`
  const [, table = '', index = ''] = indexArn.exec(resource['Fn::Sub']) ?? []
  return physicalName(table) + index
}
