import { randomUUID } from 'node:crypto'
import { jest } from '@jest/globals'
import * as v from 'valibot'
import {
  acceptConnections,
  type Api,
  graphqlOverHttp,
  type PublishAnswer,
  publishEvents,
  receiveMessages,
} from '../../lib'
import { muteNodeWarning } from '../../lib/local/environment'
import { topicArn } from '../../lib/local/service'
import { startSns } from '../../lib/local/sns'
import { sqsEvent, startSqs } from '../../lib/local/sqs'
import { type ConnectionsServer, startConnectionsServer } from '../publisher/support/connections-server'
import { captureLog } from './captured-log'
import { startRecorder } from './recorder'
import { createOwnTables } from './own-tables'
import { until } from './until'

export type Frame = Readonly<Record<string, unknown>>

/**
 * An API served by its handlers as Lambda loads them. The settings are in the environment, the tables in the shared
 * DynamoDB, and published events reach `publish` through SNS. A test file can serve only one API, because a process has
 * one environment and one set of AWS clients.
 */
export interface ServedApi {
  /** The endpoint of DynamoDB. */
  readonly endpoint: string
  /** The names of the tables. `calls` names them `clients` and `messages`. */
  readonly tables: { readonly clients: string; readonly messages: string }
  /** The @connections that the API posts to. `frames` and `posted` return the posts of a connection. */
  readonly gateway: ConnectionsServer
  /** Calls to DynamoDB, SNS and SQS so far, in order, those to SQS with a delay. A test may empty it. */
  readonly calls: string[]
  /** Everything that the functions have written to stdout and stderr. */
  readonly log: readonly string[]
  /** The messages in the queue of failed events, parsed. */
  readonly failedEvents: readonly unknown[]
  /** The errors of the invocations of `publish` by SNS. */
  readonly failures: readonly unknown[]
  readonly connect: (connectionId: string, protocol?: string) => Promise<void>
  /** Handles a message of a client. @returns the frame in the response, undefined if there is none */
  readonly say: (connectionId: string, message: unknown) => Promise<Frame | undefined>
  /**
   * @param statusCode the close code. Default: 1001, which API Gateway uses for a connection that is too old or idle
   */
  readonly disconnect: (connectionId: string, statusCode?: number) => Promise<void>
  /** Runs a query or mutation over HTTP. @returns the result */
  readonly run: (query: string) => Promise<unknown>
  /** Invokes `publish` directly. */
  readonly publish: (input: unknown, awsRequestId?: string) => Promise<PublishAnswer>
  /** Resolves with all frames posted to a connection, once there are at least `count`. Rejects after `patienceMs`. */
  readonly frames: (connectionId: string, count: number) => Promise<readonly Frame[]>
  /** The frames posted to a connection so far. */
  readonly posted: (connectionId: string) => readonly Frame[]
  /** Holds back the messages about rooms that fall due. @returns a function that delivers them, and all later ones */
  readonly holdRoomChanges: () => () => void
  /** Resolves when no invocation of `publish` by SNS or SQS is under way. */
  readonly untilAtRest: () => Promise<void>
  readonly close: () => Promise<void>
}

const region = 'us-east-1'
const Frame = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()))
const remainingMs = 60_000

/** Serves an API. The caller closes it. */
export async function serveApi(api: Api): Promise<ServedApi> {
  const outside = process.env
  const log: string[] = []
  captureLog(log)
  const arnOf = (name: string) => topicArn(region, { logicalId: name, name, properties: {} })
  const [events, leftovers] = [arnOf('events'), arnOf('leftovers')]
  const failures: unknown[] = []
  const invocations: Promise<unknown>[] = []
  const failedEvents: unknown[] = []
  let heldChanges: string[] | undefined
  const deliverChange = (body: string) => {
    invocations.push(publish(sqsEvent(body)))
  }
  const publish: ServedApi['publish'] = (input, awsRequestId = randomUUID()) => {
    const invokedFunctionArn = `arn:aws:lambda:${region}:000000000000:function:publish`
    return publishIncoming(input, { awsRequestId, invokedFunctionArn, getRemainingTimeInMillis: () => remainingMs })
  }

  process.env = { ...outside, [muteNodeWarning]: 'true' }
  const { endpoint: dynamodb, names } = await createOwnTables('ClientsTable', 'MessagesTable')
  const tables = { clients: names.ClientsTable, messages: names.MessagesTable }
  const standIns = {
    sns: await startSns({
      port: 0,
      topics: [events, leftovers],
      subscriptions: [events, leftovers].map((topic) => ({ topicArn: topic, functionName: 'publish' })),
      retryDelaysMs: [],
      log: () => undefined,
      invoke: async (_function, event) => {
        const invocation = publish(event)
        invocations.push(invocation)
        await invocation.catch((error: unknown) => {
          failures.push(error)
          throw error
        })
      },
    }),
    sqs: await startSqs({
      port: 0,
      onMessage: (body, queueUrl) => {
        if (!queueUrl.endsWith('/room-changes')) failedEvents.push(JSON.parse(body))
        else if (heldChanges) heldChanges.push(body)
        else deliverChange(body)
      },
    }),
  }
  const recorder = await startRecorder({
    behind: { dynamodb, sns: standIns.sns.endpoint, sqs: standIns.sqs.endpoint },
    tables: { [tables.clients]: 'clients', [tables.messages]: 'messages' },
    connectionStatus: () => Promise.resolve(404), // unused: `gateway` has these calls
  })
  const gateway = await startConnectionsServer()
  Object.assign(process.env, {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: recorder.endpoint,
    CLIENTS_TABLE: tables.clients,
    MESSAGES_TABLE: tables.messages,
    EVENTS_TOPIC_ARN: events,
    LEFTOVERS_TOPIC_ARN: leftovers,
    FAILED_EVENTS_URL: `${recorder.endpoint}/000000000000/failed-events`,
    CLOSINGS_URL: `${recorder.endpoint}/000000000000/closings`,
    ROOM_CHANGES_URL: `${recorder.endpoint}/000000000000/room-changes`,
    CALLBACK_URL: gateway.callbackUrl,
    ACCESS: 'open',
    ALLOWED_ORIGINS: '*',
  })
  const connect = acceptConnections(api)
  const receive = receiveMessages(api)
  const graphql = graphqlOverHttp(api)
  const publishIncoming = publishEvents(api)
  const { handler: disconnect } = await import('../../lib/handlers/disconnect')

  const posted: ServedApi['posted'] = (connectionId) =>
    gateway.posts.filter((post) => post.connectionId === connectionId).map(({ body }) => v.parse(Frame, body))
  const requestContext = (connectionId: string) => ({
    connectionId,
    connectedAt: Date.now(),
    requestTimeEpoch: Date.now(),
    requestId: randomUUID(),
  })

  return {
    endpoint: recorder.endpoint,
    tables,
    gateway,
    calls: recorder.every,
    log,
    failedEvents,
    failures,
    publish,
    posted,
    holdRoomChanges() {
      const held: string[] = (heldChanges ??= [])
      return () => {
        heldChanges = undefined
        for (const body of held.splice(0)) deliverChange(body)
      }
    },
    async untilAtRest() {
      for (let seen = -1; seen < invocations.length;) {
        seen = invocations.length
        await Promise.allSettled(invocations)
      }
    },
    async connect(connectionId, protocol) {
      const headers = protocol === undefined ? {} : { 'Sec-WebSocket-Protocol': protocol }
      const { statusCode } = await connect({ headers, requestContext: requestContext(connectionId) })
      if (statusCode !== 200) throw new Error(`$connect has answered ${statusCode}.`)
    },
    async say(connectionId, message) {
      const { body } = await receive({
        body: JSON.stringify(message),
        requestContext: requestContext(connectionId),
      })
      return body === undefined ? undefined : v.parse(Frame, body)
    },
    async disconnect(connectionId, disconnectStatusCode = 1001) {
      const event = { requestContext: { ...requestContext(connectionId), disconnectStatusCode } }
      await disconnect(event)
    },
    async run(query) {
      const { body = '' } = await graphql({
        rawPath: '/graphql',
        rawQueryString: '',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
        requestContext: { requestId: 'query', http: { method: 'POST' } },
      })
      return JSON.parse(body) as unknown
    },
    frames: (connectionId, count) =>
      until(
        () => Promise.resolve(posted(connectionId)),
        ({ length }) => length >= count,
      ),
    async close() {
      await Promise.allSettled(invocations)
      process.env = outside
      jest.restoreAllMocks()
      await Promise.all([recorder, gateway, ...Object.values(standIns)].map((server) => server.close()))
    },
  }
}
