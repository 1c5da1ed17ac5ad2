import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { createSnsEvent } from './sns-event'
import { startDynamoDb } from '../local/dynamodb'
import { muteNodeWarning } from '../local/environment'
import { startSns } from '../local/sns'
import type { StandIn } from '../local/stand-in'
import { sqsEvent, startSqs } from '../local/sqs'
import { startTranslate } from '../local/translate'
import { tableProperties } from '../tests/support/table-properties'
import type { Faults } from './faults'
import { type Gateway, startGateway } from './gateway'
import { createFunctions, type LambdaFunction } from './lambda'
import { startProxy } from './proxy'

/** The service, on a cloud that fails. */
export interface Cloud {
  readonly gateway: Gateway
  readonly languages: readonly string[]
  readonly dynamoDbEndpoint: string
  /** Posts a message to a chat. @returns whether it was accepted */
  readonly say: (chatId: string, text: string) => Promise<boolean>
  /** How many translations of a chat's messages were handed to `publish`, each counted once. */
  readonly translated: (chatId: string) => number
  /** What was given up, and can be sent again. */
  readonly deadLetters: () => number
  /** Gives every dead letter to a publisher again. */
  readonly sendAgain: () => void
  /** Invocations that run, or wait to be tried again. */
  readonly underWay: () => number
  readonly close: () => Promise<void>
}

const region = 'us-east-1'
const arn = (topic: string) => `arn:aws:sns:${region}:000000000000:${topic}`

export interface CloudOptions {
  readonly faults: Faults
  /** What messages are translated into; French and German if left out. */
  readonly languages?: readonly string[]
  /** Added to the environment of every function. */
  readonly environment?: Readonly<Record<string, string>>
  /** After how long Lambda ends a function, where that is not as in serverless.yml. */
  readonly timeoutsMs?: Readonly<Record<string, number>>
  /** How long a second of an SQS message's delay lasts; 50 ms if left out. */
  readonly sqsSecondMs?: number
}

/** Between the tries of a function that fails, in place of one and two minutes. */
const retryDelaysMs = [1_000, 2_000]

/** How late SNS delivers what it delivers late. */
const lateMs = 1_500

const handlers = [
  'connect',
  'default',
  'disconnect',
  'close-connections',
  'graphql',
  'translate',
  'translation-failed',
  'publish',
]

/** As in serverless.yml. */
const timeoutMs = 10_000
const longerTimeoutsMs: Readonly<Record<string, number>> = { default: 29_000, publish: 60_000 }

export const tables = { clients: 'ClientsTable', messages: 'MessagesTable' } as const

export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { faults, languages = ['fr', 'de'], environment, timeoutsMs, sqsSecondMs = 50 } = options
  const standIns: StandIn[] = []
  const add = <Started extends StandIn>(standIn: Started): Started => {
    standIns.push(standIn)
    return standIn
  }
  const functions = await createFunctions(handlers)
  const lambdas = new Map<string, LambdaFunction>()
  const deadLetters: unknown[] = []
  const translations = new Map<string, Set<string>>()
  let underWay = 0

  /** Runs a function for an event as Lambda does asynchronously: three tries, then `onFailure`. */
  const invokeLater = async (name: string, event: unknown, onFailure: () => void): Promise<void> => {
    underWay++
    try {
      for (const delayMs of [...retryDelaysMs, undefined]) {
        const failed = await lambdas
          .get(name)
          ?.invoke(event)
          .then(
            () => false,
            () => true,
          )
        if (!failed) return
        if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs))
      }
      onFailure()
    } finally {
      underWay--
    }
  }

  const noteTranslation = (message: string) => {
    const {
      id,
      keys: [chatId],
    } = v.parse(publishedMessage, message)
    const ids = translations.get(chatId) ?? new Set()
    translations.set(chatId, ids.add(id))
  }

  const hear = (
    functionName: string,
    event: { readonly Records: readonly { readonly Sns: { readonly Message: string } }[] },
  ) => {
    if (functionName === 'publish') void invokeLater('publish', event, () => deadLetters.push(event))
    else {
      const functionArn = `arn:aws:lambda:${region}:000000000000:function:chaos-${functionName}:$LATEST`
      const record = { requestContext: { functionArn }, requestPayload: event }
      const giveUp = () => void invokeLater('translation-failed', record, () => deadLetters.push(record))
      void invokeLater(functionName, event, giveUp)
    }
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
      topics: ['requests', 'messages', 'leftovers'].map(arn),
      subscriptions: [
        ...languages.map((language) => ({ topicArn: arn('requests'), functionName: `translate-${language}` })),
        { topicArn: arn('messages'), functionName: 'publish' },
        { topicArn: arn('leftovers'), functionName: 'publish' },
      ],
      invoke: (functionName, event) => {
        if (event.Records[0].Sns.TopicArn === arn('messages')) noteTranslation(event.Records[0].Sns.Message)
        const times = faults.happens('deliveredTwice') ? 2 : 1
        for (let time = 0; time < times; time++) {
          const delayMs = faults.happens('deliveredLate') ? lateMs : 0
          underWay++
          setTimeout(() => {
            underWay--
            hear(functionName, event)
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
        if (queueUrl.endsWith('/closings')) void lambdas.get('close-connections')?.invoke(sqsEvent(body))
        else deadLetters.push(JSON.parse(body))
      },
    }),
  )
  const translate = add(await startTranslate({ port: 0 }))
  const gateways: Gateway[] = []
  const proxy = add(
    await startProxy({
      faults,
      behind: {
        dynamodb: dynamoDb.endpoint,
        sns: sns.endpoint,
        sqs: sqs.endpoint,
        translate: translate.endpoint,
      },
      connections: (request) => gateways[0]?.connections(request) ?? 410,
      kill: (name) => lambdas.get(name)?.kill(),
    }),
  )

  const start = (name: string, handler = name, ofItsOwn: Readonly<Record<string, string>> = {}): LambdaFunction => {
    const lambda = functions.start({
      name,
      handler,
      environment: { ...environmentOf(name, proxy.endpoint), ...ofItsOwn, ...environment },
      timeoutMs: timeoutsMs?.[name] ?? longerTimeoutsMs[name] ?? timeoutMs,
    })
    lambdas.set(name, lambda)
    return lambda
  }
  for (const language of languages) start(`translate-${language}`, 'translate', { TARGET_LANGUAGE: language })
  start('translation-failed')
  start('publish')
  start('close-connections')
  const graphql = start('graphql')
  const started = await startGateway({
    faults,
    connect: start('connect'),
    default: start('default'),
    disconnect: start('disconnect'),
  })
  gateways.push(started)

  return {
    gateway: started,
    languages,
    dynamoDbEndpoint: dynamoDb.endpoint,
    async say(chatId, text) {
      const query = 'mutation ($chatId: ID!, $text: String!) { sendMessage(chatId: $chatId, text: $text) { id } }'
      const answer = await graphql.invoke(postOf({ query, variables: { chatId, text } })).catch(() => undefined)
      return String((answer as { readonly body?: string } | undefined)?.body).includes('"sendMessage":{"id"')
    },
    translated: (chatId) => translations.get(chatId)?.size ?? 0,
    deadLetters: () => deadLetters.length,
    sendAgain: () => {
      for (const letter of deadLetters.splice(0)) {
        if (v.is(givenUp, letter)) void invokeLater('publish', letter.requestPayload, () => deadLetters.push(letter))
        else if (v.is(untold, letter)) void invokeLater('translation-failed', letter, () => deadLetters.push(letter))
        else void invokeLater('publish', freshened(letter), () => deadLetters.push(letter))
      }
    },
    underWay: () => underWay + started.underWay(),
    close: async () => {
      await started.close()
      functions.close()
      await Promise.all(standIns.map((standIn) => standIn.close()))
    },
  }
}

/** What `publish` has kept of its work. */
const givenUp = v.object({ requestPayload: v.looseObject({ cursors: v.array(v.unknown()) }) })

/** What `translationFailed` could not tell its chat. */
const untold = v.object({ requestPayload: v.unknown() })

/** A letter as a new message: a process remembers those that it has seen. */
function freshened(letter: unknown): unknown {
  const { Records } = letter as { readonly Records: readonly { readonly Sns: { readonly Message: string } }[] }
  return createSnsEvent(Records[0]?.Sns.Message ?? '', randomUUID())
}

const publishedMessage = v.pipe(v.string(), v.parseJson(), v.object({ id: v.string(), keys: v.tuple([v.string()]) }))

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
    REQUESTS_TOPIC_ARN: arn('requests'),
    EVENTS_TOPIC_ARN: arn('messages'),
    FAILED_EVENTS_URL: `${endpoint}/000000000000/failed-events`,
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
