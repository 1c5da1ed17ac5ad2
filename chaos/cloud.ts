import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { createSnsEvent } from './sns-event'
import { startDynamoDb } from '../lib/local/dynamodb'
import { muteNodeWarning } from '../lib/local/environment'
import { startSns } from '../lib/local/sns'
import type { StandIn } from '../lib/local/stand-in'
import { sqsEvent, startSqs } from '../lib/local/sqs'
import { startTokenIssuer } from '../lib/local/token-issuer'
import { channelTopic, type Topic } from '../lib/channels/topic'
import { tableProperties } from '../tests/support/table-properties'
import type { Faults } from './faults'
import { type Gateway, startGateway } from './gateway'
import { type Bundles, bundleHandlers, createFunctions, type LambdaFunction } from './lambda'
import { startProxy } from './proxy'
import { mutationOf, type Room, topicsOf } from './rooms'

/** The core with the fixture API, on a simulated cloud that fails. */
export interface Cloud {
  readonly gateway: Gateway
  readonly dynamoDbEndpoint: string
  /** Says something in a room. @returns whether every log of the room accepted it */
  readonly say: (room: Room, text: string) => Promise<boolean>
  /** Issues a token of a user that is valid for the given number of seconds. */
  readonly token: (user: string, seconds: number) => Promise<string>
  /** The number of distinct events of a log that were passed to `publish`. */
  readonly published: (topic: Topic) => number
  /** The number of dead letters, which can be sent again. */
  readonly deadLetters: () => number
  /** Passes every dead letter to a publisher again. */
  readonly sendAgain: () => void
  /** Invocations that are running or wait for a retry. */
  readonly underWay: () => number
  readonly close: () => Promise<void>
}

const region = 'us-east-1'
const arn = (topic: string) => `arn:aws:sns:${region}:000000000000:${topic}`

export interface CloudOptions {
  readonly faults: Faults
  /** The folder of `bundleFunctions`. */
  readonly bundles: string
  /** Added to the environment of every function. */
  readonly environment?: Readonly<Record<string, string>>
  /** Time-outs of functions that differ from serverless.yml. */
  readonly timeoutsMs?: Readonly<Record<string, number>>
  /** The length of a second of an SQS message's delay. Default: 50 ms. */
  readonly sqsSecondMs?: number
  /** How long API Gateway accepts posts to a dead line. Default: longer than the seam, so that no close code helps. */
  readonly deadMs?: number
  /** The delay of late SNS deliveries. Default: 1.5 s. */
  readonly lateMs?: number
}

/** Pauses between the attempts of a function that fails, in place of one and two minutes. */
const retryDelaysMs = [300, 600]

/** Until SQS redelivers a message whose function died, in place of a minute. */
const visibleAgainMs = 300

const allDone = v.object({ batchItemFailures: v.pipe(v.array(v.unknown()), v.length(0)) })

const handlers = ['connect', 'default', 'disconnect', 'close-connections', 'graphql', 'publish']

/** As in serverless.yml. */
const timeoutMs = 10_000
const longerTimeoutsMs: Readonly<Record<string, number>> = { default: 29_000, publish: 60_000 }

export const tables = { clients: 'ClientsTable', messages: 'MessagesTable' } as const

/** Bundles the functions of a cloud. The caller removes the bundles after it has closed every cloud that uses them. */
export function bundleFunctions(): Promise<Bundles> {
  return bundleHandlers(handlers)
}

export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { faults, bundles, environment, timeoutsMs } = options
  const { sqsSecondMs = 50, deadMs = 22_000, lateMs = 1_500 } = options
  const standIns: StandIn[] = []
  const add = <Started extends StandIn>(standIn: Started): Started => {
    standIns.push(standIn)
    return standIn
  }
  const functions = createFunctions(bundles)
  const lambdas = new Map<string, LambdaFunction>()
  const deadLetters: unknown[] = []
  const published = new Map<Topic, Set<string>>()
  let underWay = 0
  let isClosed = false

  /** Invokes `publish` for an event as Lambda does asynchronously: three attempts, then its on-failure destination. */
  const publishLater = async (event: unknown, letter = event): Promise<void> => {
    underWay++
    try {
      for (const delayMs of [...retryDelaysMs, undefined]) {
        const failed = await lambdas
          .get('publish')
          ?.invoke(event)
          .then(
            () => false,
            () => true,
          )
        if (!failed) return
        if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs))
      }
      deadLetters.push(letter)
    } finally {
      underWay--
    }
  }

  /** Runs `publish` for a message of a queue as Lambda does: again and again, until it has said that it is done. */
  const bring = async (event: unknown): Promise<void> => {
    underWay++
    for (;;) {
      const answer = await lambdas
        .get('publish')
        ?.invoke(event)
        .catch(() => undefined)
      if (v.is(allDone, answer) || isClosed) break
      await new Promise((resolve) => setTimeout(resolve, visibleAgainMs))
    }
    underWay--
  }

  /** A failure shows in a client that stays connected; one when the cloud closes, in the middle of this, is none. */
  const closeConnections = (event: unknown): void => {
    lambdas
      .get('close-connections')
      ?.invoke(event)
      .catch(() => undefined)
  }

  const notePublished = (message: string) => {
    const { id, channel, keys } = v.parse(publishedMessage, message)
    const topic = channelTopic(channel, keys)
    published.set(topic, (published.get(topic) ?? new Set()).add(id))
  }

  const dynamoDb = add(
    await startDynamoDb({
      port: 0,
      tables: await Promise.all(
        Object.entries(tables).map(async ([TableName, id]) => ({ ...(await tableProperties(id)), TableName })),
      ),
    }),
  )
  const sns = add(
    await startSns({
      port: 0,
      topics: ['events', 'leftovers'].map(arn),
      subscriptions: ['events', 'leftovers'].map((topic) => ({ topicArn: arn(topic), functionName: 'publish' })),
      invoke: (_functionName, event) => {
        const [{ Sns }] = event.Records
        if (Sns.TopicArn === arn('events')) notePublished(Sns.Message)
        const times = faults.happens('deliveredTwice') ? 2 : 1
        for (let time = 0; time < times; time++) {
          const delayMs = faults.happens('deliveredLate') ? lateMs : 0
          underWay++
          setTimeout(() => {
            underWay--
            void publishLater(event)
          }, delayMs)
        }
        return Promise.resolve()
      },
    }),
  )
  const sqs = add(
    await startSqs({
      port: 0,
      secondMs: sqsSecondMs,
      onMessage: (body, queueUrl) => {
        if (queueUrl.endsWith('/room-changes')) {
          const event = sqsEvent(body)
          void bring(event)
          if (faults.happens('deliveredTwice')) void bring(event)
        } else if (queueUrl.endsWith('/closings')) closeConnections(sqsEvent(body))
        else deadLetters.push(JSON.parse(body))
      },
    }),
  )
  const issuer = add(await startTokenIssuer({ port: 0 }))
  const gateways: Gateway[] = []
  const proxy = add(
    await startProxy({
      faults,
      behind: { dynamodb: dynamoDb.endpoint, sns: sns.endpoint, sqs: sqs.endpoint },
      connections: (request) => gateways[0]?.connections(request) ?? 410,
      kill: (name) => lambdas.get(name)?.kill(),
    }),
  )

  const shared = { TOKEN_ISSUER: issuer.endpoint, TOKEN_AUDIENCE: issuer.audience, ...environment }
  const start = (name: string): LambdaFunction => {
    const lambda = functions.start({
      name,
      environment: { ...environmentOf(name, proxy.endpoint), ...shared },
      timeoutMs: timeoutsMs?.[name] ?? longerTimeoutsMs[name] ?? timeoutMs,
    })
    lambdas.set(name, lambda)
    return lambda
  }
  start('publish')
  start('close-connections')
  const graphql = start('graphql')
  const started = await startGateway({
    faults,
    deadMs,
    connect: start('connect'),
    default: start('default'),
    disconnect: start('disconnect'),
  })
  gateways.push(started)

  return {
    gateway: started,
    dynamoDbEndpoint: dynamoDb.endpoint,
    async say(room, text) {
      const answer = await graphql.invoke(postOf({ query: mutationOf(room, text) })).catch(() => undefined)
      const { data } = v.parse(answered, (answer as { readonly body?: string } | undefined)?.body ?? '{}')
      return Object.values(data ?? {}).filter((id) => id !== null).length === topicsOf(room).length
    },
    token: (user, seconds) => issuer.token({ sub: user, exp: Math.floor(Date.now() / 1_000) + seconds }),
    published: (topic) => published.get(topic)?.size ?? 0,
    deadLetters: () => deadLetters.length,
    sendAgain: () => {
      for (const letter of deadLetters.splice(0)) {
        void publishLater(v.is(givenUp, letter) ? letter.requestPayload : freshened(letter), letter)
      }
    },
    underWay: () => underWay + started.underWay(),
    close: async () => {
      isClosed = true
      await started.close()
      functions.close()
      await Promise.all(standIns.map((standIn) => standIn.close()))
    },
  }
}

/** A dead letter that `publish` wrote about its remaining work. */
const givenUp = v.object({ requestPayload: v.looseObject({ cursors: v.array(v.unknown()) }) })

/** Turns a letter into a new message, because a process remembers messages that it has seen. */
function freshened(letter: unknown): unknown {
  const { Records } = letter as { readonly Records: readonly { readonly Sns: { readonly Message: string } }[] }
  return createSnsEvent(Records[0]?.Sns.Message ?? '', randomUUID())
}

const publishedMessage = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ id: v.string(), channel: v.string(), keys: v.array(v.string()) }),
)

const answered = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ data: v.nullish(v.record(v.string(), v.nullable(v.string()))) }),
)

function environmentOf(name: string, endpoint: string): Readonly<Record<string, string>> {
  return {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: name,
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: endpoint,
    [muteNodeWarning]: 'true',
    AWS_LAMBDA_FUNCTION_NAME: name,
    POWERTOOLS_LOG_LEVEL: process.env['POWERTOOLS_LOG_LEVEL'] ?? 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_SERVICE_NAME: 'chaos',
    POWERTOOLS_METRICS_NAMESPACE: 'chaos',
    CLIENTS_TABLE: 'clients',
    MESSAGES_TABLE: 'messages',
    CALLBACK_URL: `${endpoint}/chaos`,
    EVENTS_TOPIC_ARN: arn('events'),
    FAILED_EVENTS_URL: `${endpoint}/000000000000/failed-events`,
    ROOM_CHANGES_URL: `${endpoint}/000000000000/room-changes`,
    CLOSINGS_URL: `${endpoint}/000000000000/closings`,
    LEFTOVERS_TOPIC_ARN: arn('leftovers'),
    ACCESS: 'open',
    ALLOWED_ORIGINS: '*',
    STAGE: 'chaos',
  }
}

function postOf(request: object): unknown {
  return {
    rawPath: '/graphql',
    rawQueryString: '',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(request),
    requestContext: { http: { method: 'POST' } },
  }
}
