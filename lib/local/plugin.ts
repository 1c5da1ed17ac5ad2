import { startDynamoDb } from './dynamodb'
import { awsEnvironment, forgetAccount, hasTokenIssuer, muteNodeWarning, resolveEnvironment } from './environment'
import { invokeFunction } from './lambda'
import { checkPorts, StartError, untilOpen } from './ports'
import { readService, topicArn, type LocalService } from './service'
import { startSns } from './sns'
import { sqsEvent, startSqs } from './sqs'
import type { StandIn } from './stand-in'
import { startTokenIssuer, type TokenIssuer } from './token-issuer'

type Environment = Readonly<Record<string, unknown>>

/** The parts of Serverless that this plugin changes; `readService` parses the parts that it reads. */
interface Serverless {
  readonly service: {
    readonly provider: { environment?: Environment }
    readonly functions: Readonly<Record<string, { environment?: Environment }>>
    /** `notes` are printed with the addresses, by label. An application's own plugin sets them. */
    readonly custom: { readonly local: { readonly notes?: Readonly<Record<string, string>> } }
  }
}

type Options = Readonly<Record<string, unknown>>
type Hooks = Readonly<Record<string, () => Promise<void>>>

/**
 * Runs the stand-ins for AWS around serverless-offline: they start before it, set their addresses in the functions'
 * environments, and stop with it. A StartError ends the process with its message and exit code 1.
 */
export function localAws(serverless: Serverless, options: Options): Hooks {
  endWithParent()
  let local: Local | undefined
  const start = async (): Promise<void> => {
    local = await startOrExit(serverless, options)
  }
  const announceLocal = async (): Promise<void> => {
    if (local) await announce(local, serverless.service.custom.local.notes)
  }
  const stop = async (): Promise<void> => {
    const { dynamoDb, sns, sqs, tokenIssuer } = local?.standIns ?? {}
    await Promise.all([sns?.close(), sqs?.close(), tokenIssuer?.close(), dynamoDb?.close()])
  }
  return {
    'before:offline:start:init': start,
    'after:offline:start:init': announceLocal,
    'before:offline:start:end': stop,
    // For `sls offline` without `start`: its next hook runs only at its end, and its end exits the process.
    'before:offline:start': async () => {
      await start()
      void announceLocal()
    },
  }
}

/**
 * start.ts and the tests start Serverless with an IPC channel, which closes when they end, even by SIGKILL. The channel
 * must not keep this process alive if Serverless rejects serverless.yml and nothing else is left to do.
 */
function endWithParent(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel?.unref()
}

interface StandIns {
  readonly dynamoDb: StandIn
  readonly sns: StandIn
  readonly sqs: StandIn
  /** Absent if the stage has an issuer. */
  readonly tokenIssuer?: TokenIssuer
}

interface Local {
  readonly service: LocalService
  readonly standIns: StandIns
}

async function startOrExit(serverless: Serverless, options: Options): Promise<Local> {
  try {
    return await startLocal(serverless, options)
  } catch (error) {
    // Serverless would wait forever for open servers and for serverless-esbuild's watcher.
    console.error(error instanceof StartError ? error.message : error)
    process.exit(1)
  }
}

async function startLocal(serverless: Serverless, options: Options): Promise<Local> {
  const service = readService(serverless.service, options)
  const { tokenIssuer, ...otherPorts } = service.ports
  const optional = hasTokenIssuer(service.providerEnvironment) ? {} : { tokenIssuer }
  process.env[muteNodeWarning] = 'true'
  await checkPorts(service.host, Object.values({ ...otherPorts, ...optional }))
  const standIns = {
    dynamoDb: await startLocalDynamoDb(service),
    sns: await startLocalSns(service),
    sqs: await startLocalSqs(service),
    ...(optional.tokenIssuer && { tokenIssuer: await startTokenIssuer({ port: optional.tokenIssuer.number }) }),
  }
  setEnvironment(serverless, service, standIns)
  return { service, standIns }
}

function startLocalDynamoDb({ ports, tables }: LocalService): Promise<StandIn> {
  return startDynamoDb({ port: ports.dynamoDb.number, tables: tables.map(({ properties }) => properties) })
}

function startLocalSns({ hostname, ports, region, topics, subscriptions }: LocalService): Promise<StandIn> {
  const lambdaEndpoint = `http://${hostname}:${ports.lambda.number}`
  return startSns({
    port: ports.sns.number,
    topics: topics.map((topic) => topicArn(region, topic)),
    subscriptions,
    invoke: (functionName, event) => invokeFunction(lambdaEndpoint, functionName, event),
  })
}

function startLocalSqs({ hostname, ports, queueListeners }: LocalService): Promise<StandIn> {
  const lambdaEndpoint = `http://${hostname}:${ports.lambda.number}`
  const onMessage = (body: string, queueUrl: string): void => {
    const listener = queueListeners.find(({ queueName }) => queueUrl.endsWith(`/${queueName}`))
    if (listener) invokeFunction(lambdaEndpoint, listener.functionName, sqsEvent(body)).catch(console.error)
    // so that a developer sees the reason at once
    else console.error(`An event went to the queue of failed events: ${body}`)
  }
  return startSqs({ port: 0, onMessage })
}

/** serverless-offline reads the environments when it first runs a function. This takes the place of CloudFormation. */
function setEnvironment({ service: target }: Serverless, service: LocalService, standIns: StandIns): void {
  const { dynamoDb, sns, sqs, tokenIssuer } = standIns
  const endpoints = {
    dynamoDb: dynamoDb.endpoint,
    sns: sns.endpoint,
    sqs: sqs.endpoint,
  }
  target.provider.environment = {
    ...resolveEnvironment('provider.environment', service.providerEnvironment, service, endpoints),
    ...awsEnvironment(process.env, service, endpoints),
    ...(tokenIssuer && { TOKEN_ISSUER: tokenIssuer.endpoint, TOKEN_AUDIENCE: tokenIssuer.audience }),
  }
  for (const { key, environment } of service.functions) {
    const definition = target.functions[key]
    if (definition) definition.environment = resolveEnvironment(`Function ${key}`, environment, service, endpoints)
  }
  if (!service.ownAccount) forgetAccount(process.env)
}

/** Prints all addresses once serverless-offline responds. Tests wait for the last line. */
async function announce({ service, standIns }: Local, notes = {}): Promise<void> {
  const { hostname, ports } = service
  const { http, webSocket, lambda } = ports
  const events = service.topics.filter(({ logicalId }) => logicalId === 'MessagesTopic')
  await Promise.all([http, webSocket, lambda].map((port) => untilOpen(service.host, port.number)))
  const lines = {
    WebSocket: `ws://${hostname}:${webSocket.number}`,
    HTTP: `http://${hostname}:${http.number}/graphql`,
    Lambda: `http://${hostname}:${lambda.number}`,
    DynamoDB: standIns.dynamoDb.endpoint,
    SNS: standIns.sns.endpoint,
    Events: events.map((topic) => topicArn(service.region, topic)).join(),
    Tokens: standIns.tokenIssuer ? `${standIns.tokenIssuer.endpoint}/token?sub=ann&groups=staff` : 'of your issuer',
    ...notes,
  }
  const text = Object.entries(lines).map(([label, value]) => `  ${label.padEnd(11)} ${value}`)
  console.log(`\n${text.join('\n')}\n\nReady.`)
}
