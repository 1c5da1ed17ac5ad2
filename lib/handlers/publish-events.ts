import { randomUUID } from 'node:crypto'
import type { Api } from '../api/define-api'
import { InvalidEvent } from '../channels/decode'
import { channelOf, type Topic } from '../channels/topic'
import { createStoredSubscriptions } from '../clients/stored-subscriptions'
import type { Subscriber } from '../clients/subscriber'
import { createSubscribers } from '../clients/subscribers'
import { required } from '../environment'
import { messageOf } from '../errors'
import type { SqsBatchResponse } from '../gateway/events'
import { createAppender } from '../history/append'
import { createLateMarks } from '../history/late-marks'
import { createLogReader } from '../history/read'
import { logger, logMaskedError } from '../observability/logger'
import { reportInLog } from '../observability/metrics'
import { createOperations } from '../operations/execute'
import { changesIn } from '../presence/changes'
import type { Present } from '../presence/room'
import { type Assignment, everyone, type Task } from '../publisher/assignment'
import type { Settled } from '../publisher/fan-out'
import { type IncomingMessage, incomingMessages, taskOf } from '../publisher/incoming'
import { createLatestEvents } from '../publisher/latest-events'
import { logAssignment } from '../publisher/log-assignment'
import { oncePerMessage } from '../publisher/once-per-message'
import { publish, type Times } from '../publisher/publish'
import { refusedEvent } from '../publisher/refused-event'
import { replay } from '../publisher/replay'
import { decodeEvent } from '../publisher/response-frame'
import { createTokenBucket } from '../publisher/token-bucket'
import {
  announce,
  clientsTable,
  connections,
  dynamoDb,
  failedEvents,
  logTtlSeconds,
  messagesTable,
  roomChanges,
  snsTopics,
} from '../resources'
import { delivering } from './delivering'

/** The part of Lambda's context that is used here. */
interface Invocation {
  readonly awsRequestId: string
  readonly invokedFunctionArn: string
  getRemainingTimeInMillis(): number
}

/** The response to a caller that waits for one. */
export interface PublishAnswer {
  /** Why events were refused, one sentence each. These events are in the queue of failed events. */
  readonly refused: readonly string[]
  /** Changes in rooms that SQS has to bring again. */
  readonly batchItemFailures?: SqsBatchResponse['batchItemFailures']
}

/**
 * Time reserved in addition to the time-outs of a post, for cutting off connections and handing on the remaining work.
 */
const reserveMs = 5_000

/** The part of that time for handing on. */
const handOnReserveMs = 2_000

/** How long the function that read a room posts its state. What it has not posted by then is handed on. */
const postStateMs = 500

/**
 * Creates the handler of `publish`. It logs events and delivers them to all subscribers. Events arrive from SNS, from
 * EventBridge and its Pipes, or by direct invocation (docs/how-to/publish.md). It also continues publications that were
 * handed on, and replays.
 *
 * An invalid event is refused: it goes to the queue of failed events once, with the reason, and is not retried.
 */
export function publishEvents({
  schema,
  channels,
  eventContext,
}: Api): (input: unknown, context: Invocation) => Promise<PublishAnswer> {
  const callbackUrl = required('CALLBACK_URL')
  // Runs while the rest of the function loads and the first event arrives.
  dynamoDb().preconnect()
  connections().preconnect(callbackUrl)

  const keepFailed = failedEvents()
  let functionArn = ''
  const table = messagesTable()
  const ttlSeconds = logTtlSeconds()
  const history = createAppender({ table, ttlSeconds })
  const shared = delivering(callbackUrl)
  const { settings, clock } = shared
  const { connectTimeoutMs, responseTimeoutMs } = settings.connections
  const afterLastPostMs = connectTimeoutMs + responseTimeoutMs + reserveMs
  const latestEvents = createLatestEvents({ table, clock })
  const publisher = {
    ...shared,
    subscribers: createSubscribers({ table: clientsTable() }),
    subscriptions: createStoredSubscriptions({ table: clientsTable(), announce }),
    lateMarks: createLateMarks({ table, ttlSeconds }),
    operations: createOperations({ schema, onError: logMaskedError }),
    channels,
    eventContext,
    latestEvents,
    handOn: snsTopics().to(required('LEFTOVERS_TOPIC_ARN')),
    giveUp: (assignment: Assignment, reason: string) => keepFailed(refusedEvent(assignment, { reason, functionArn })),
    ...(logger.writesDebug && { onSettled: logDelivery }),
  }
  const replayer = {
    ...publisher,
    log: createLogReader({ table }),
    bucket: createTokenBucket({ ...settings, now: Date.now }),
  }

  const deliverEvent = async (assignment: Assignment, times: Times) => {
    logger.correlate(assignment.correlationId)
    const logged = await logAssignment(assignment, history)
    const due = await latestEvents.turnOf(logged, channels.get(logged.event.channel))
    if (!due) {
      logger.info('Superseded by a newer event.')
      return
    }
    logger.correlate(due.correlationId)
    const published = await publish(due, publisher, times)
    const { delivered, gone, cutOff, undelivered, throttled, executions, ...rest } = published
    reportInLog(
      'Published.',
      {
        Delivered: delivered,
        Gone: gone,
        CutOff: cutOff,
        Failed: undelivered,
        Throttled: throttled,
        Executions: executions,
        ...timeToDelivery(due, delivered),
      },
      {
        handedOn: String(rest.handedOn),
        dropped: String(rest.dropped),
        httpVersion: connections().httpVersion(callbackUrl),
      },
    )
  }

  const receive = oncePerMessage({
    publish: deliverEvent,
    async replay(task, times) {
      const { connectionId, operationId } = task.replay
      const { replayed, ended } = await replay(task, replayer, times)
      reportInLog('Replayed.', { Replayed: replayed }, { connectionId, operationId, ended })
    },
  })

  /** The task of a message, or the reason why it is refused. */
  const read = async (message: IncomingMessage): Promise<Task | InvalidEvent> => {
    try {
      const task = taskOf(message, channels, Date.now())
      if ('event' in task && !task.event.completion) await decodeEvent(task.event, channels)
      return task
    } catch (error) {
      if (error instanceof InvalidEvent) return error
      throw error
    }
  }

  /** Reads rooms in which something has changed, and sends everyone there what is new. */
  const reconcileRooms = async (changes: NonNullable<ReturnType<typeof changesIn>>): Promise<PublishAnswer> => {
    logger.correlate(undefined)
    const failed = changes.map(async ({ messageId, body: change }) => {
      try {
        const channel = channels.get(channelOf(change.topic))
        await channel?.reconcile?.(change, { table: clientsTable(), publish: sendState, later: roomChanges() })
        return []
      } catch (error) {
        logger.error('A room could not be read.', { reason: messageOf(error) })
        return [{ itemIdentifier: messageId }]
      }
    })
    return { refused: [], batchItemFailures: (await Promise.all(failed)).flat() }
  }

  const sendState = async (topic: Topic, data: Present) => {
    const event = { id: randomUUID(), channel: channelOf(topic), publishedAtMs: Date.parse(data.at), data }
    const deadlineMs = Date.now() + postStateMs
    const times = { deadlineMs, endMs: deadlineMs + afterLastPostMs }
    await deliverEvent({ event, topics: [topic], ...everyone([topic]), round: 0 }, times)
  }

  return async (input, context) => {
    const changes = changesIn(input)
    if (changes) return reconcileRooms(changes)
    const remainingMs = context.getRemainingTimeInMillis()
    const endMs = Date.now() + Math.max(remainingMs - handOnReserveMs, remainingMs / 2)
    const deadlineMs = Date.now() + Math.max(remainingMs - afterLastPostMs, remainingMs / 2)
    functionArn = context.invokedFunctionArn
    const refused: { readonly input: unknown; readonly reason: string }[] = []
    for (const message of incomingMessages(input, context.awsRequestId)) {
      logger.correlate(undefined)
      const task = await read(message)
      if (task instanceof InvalidEvent) {
        logger.error('An event was refused.') // without the reason, which may quote the event
        refused.push({ input: message.input, reason: task.message })
      } else {
        await receive({ id: message.id, task }, { deadlineMs, endMs })
      }
    }
    // After all others were delivered: if one of those fails, Lambda retries the whole invocation, and each refused
    // event is still stored only once.
    for (const { input: event, reason } of refused) {
      await keepFailed(refusedEvent(event, { reason, functionArn }))
    }
    return { refused: refused.map(({ reason }) => reason) }
  }
}

function logDelivery({ connectionId, operationId }: Subscriber, { kind }: Settled): void {
  logger.debug('Settled a delivery.', { connectionId, operationId, outcome: kind })
}

/** The time from the mutation to the last delivery of this assignment; empty if nothing was delivered. */
function timeToDelivery({ requestedAt }: Assignment, delivered: number): { readonly TimeToDelivery?: number } {
  return requestedAt === undefined || delivered === 0 ? {} : { TimeToDelivery: Date.now() - Date.parse(requestedAt) }
}
