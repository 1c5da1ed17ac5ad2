import { devNull } from 'node:os'
import * as v from 'valibot'
import { StartError } from './ports'
import { topicArn, type LocalService } from './service'

type Environment = Readonly<Record<string, string>>

/** Base URLs of the stand-ins for AWS. */
export interface Endpoints {
  readonly dynamoDb: string
  readonly sns: string
  readonly sqs: string
}

const Ref = v.strictObject({ Ref: v.string() })
const Join = v.strictObject({ 'Fn::Join': v.tuple([v.string(), v.array(v.string())]) })
const Sub = v.strictObject({ 'Fn::Sub': v.string() })

/**
 * Resolves the variables of `environment` locally, in place of CloudFormation: references to the name of a table, the
 * ARN of a topic and the URL of a queue, and URLs with `${WebsocketsApi}`, which become serverless-offline's
 * @connections endpoint. Unlike on AWS, its path has no stage. Any other intrinsic function is a StartError, which
 * names `owner`.
 */
export function resolveEnvironment(
  owner: string,
  environment: Readonly<Record<string, unknown>>,
  service: LocalService,
  { sqs }: Pick<Endpoints, 'sqs'>,
): Environment {
  const resolved = Object.entries(environment).map(([variable, value]) => {
    const text = resolve(value, service, sqs)
    if (text !== undefined) return [variable, text] as const
    throw new StartError(
      `${owner}: ${variable} is ${JSON.stringify(value)}, which has no value locally. ` +
        'Expected plain text, !Ref of a table, a topic or a queue, !Join of plain texts, or !Sub with ${WebsocketsApi}.',
    )
  })
  return Object.fromEntries(resolved)
}

function resolve(value: unknown, service: LocalService, sqs: string): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (v.is(Join, value)) return value['Fn::Join'][1].join(value['Fn::Join'][0])
  if (v.is(Ref, value)) return resolveRef(value.Ref, service, sqs)
  if (v.is(Sub, value) && value['Fn::Sub'].includes('${WebsocketsApi}')) {
    return `http://${service.hostname}:${service.ports.webSocket.number}`
  }
  return undefined
}

function resolveRef(
  logicalId: string,
  { region, tables, topics, queues }: LocalService,
  sqs: string,
): string | undefined {
  const isNamed = (resource: { readonly logicalId: string }): boolean => resource.logicalId === logicalId
  const topic = topics.find(isNamed)
  if (topic) return topicArn(region, topic)
  const queue = queues.find(isNamed)
  return queue ? `${sqs}/000000000000/${queue.name}` : tables.find(isNamed)?.name
}

/** Whether the stage has its own token issuer, for example by TOKEN_ISSUER in the shell. It then needs no local one. */
export function hasTokenIssuer({ TOKEN_ISSUER: issuer = '' }: LocalService['providerEnvironment']): boolean {
  return issuer !== ''
}

/**
 * The variables of every function besides its own: the endpoints of the stand-ins, and credentials that are valid
 * nowhere else. An endpoint that the shell sets takes precedence: another emulator, or a proxy in front of a stand-in.
 *
 * With `ownAccount`, functions use the shell's AWS credentials and region instead, for services without a stand-in.
 * DynamoDB and SNS stay local.
 */
export function awsEnvironment(
  shell: NodeJS.ProcessEnv,
  { region, ownAccount }: Pick<LocalService, 'region' | 'ownAccount'>,
  { dynamoDb, sns }: Omit<Endpoints, 'sqs'>,
): Environment {
  return {
    [muteNodeWarning]: 'true',
    POWERTOOLS_METRICS_DISABLED: 'true', // no one reads them on a laptop
    ...(ownAccount ? shellAccount(shell, region) : noAccount(region)),
    AWS_ENDPOINT_URL_DYNAMODB: shell['AWS_ENDPOINT_URL_DYNAMODB'] ?? dynamoDb,
    AWS_ENDPOINT_URL_SNS: shell['AWS_ENDPOINT_URL_SNS'] ?? sns,
  }
}

/**
 * Mutes the SDK's announcement, on every start, that it will drop Node 20. On AWS the functions run on a newer Node,
 * and a service that works on a laptop needs no such warning.
 */
export const muteNodeWarning = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'

/**
 * Removes every AWS setting from `shell`. serverless-offline copies all of them into each function. There, AWS_PROFILE
 * would make the SDK ignore the credentials of `awsEnvironment`, and AWS_IGNORE_CONFIGURED_ENDPOINT_URLS its endpoints,
 * so a message would reach the user's real account.
 */
export function forgetAccount(shell: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(shell)) {
    if (name.startsWith('AWS_')) Reflect.deleteProperty(shell, name)
  }
}

function noAccount(region: string): Environment {
  return {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    // Lambda has no such file either: `use_fips_endpoint` in the user's file would make the SDK reject an endpoint.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  }
}

function shellAccount(shell: NodeJS.ProcessEnv, region: string): Environment {
  return {
    // serverless-offline sets AWS_REGION to the provider's region. SSO and credential_process need HOME and PATH.
    AWS_REGION: shell['AWS_REGION'] ?? shell['AWS_DEFAULT_REGION'] ?? region,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false', // true would send DynamoDB and SNS to the account
    ...optional('HOME', shell['HOME']),
    ...optional('PATH', shell['PATH']),
  }
}

function optional(name: string, value: string | undefined): Environment {
  return value === undefined ? {} : { [name]: value }
}
