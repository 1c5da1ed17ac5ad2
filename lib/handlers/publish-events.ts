import { setTimeout as sleep } from 'node:timers/promises'
import type { SnsEvent } from '../aws/sns-topic'
import { createHeldSubscriptions } from '../clients/held-subscriptions'
import { createSubscribers, type Subscriber } from '../clients/subscribers'
import { required } from '../environment'
import { createAppender } from '../history/append'
import { createLateReadings } from '../history/late-readings'
import { createLogReader } from '../history/read'
import { readLogTtlSeconds } from '../history/settings'
import { logger, logMaskedError } from '../observability/logger'
import { reportInLog } from '../observability/metrics'
import { createOperations } from '../operations/execute'
import type { Assignment, ReplayTask } from '../publisher/assignment'
import type { Settled } from '../publisher/fan-out'
import { logAssignment } from '../publisher/log-assignment'
import { oncePerMessage } from '../publisher/once-per-message'
import { publish } from '../publisher/publish'
import { replay } from '../publisher/replay'
import type { Api } from './api'
import { clientsTable, connections, dynamoDb, messagesTable, publisherSettings, sessions, snsTopics } from './resources'

/** What Lambda tells a function about the invocation. */
interface Invocation {
  getRemainingTimeInMillis(): number
}

/** Besides the time-outs of a post: for handing on what is left. */
const reserveMs = 3_000

/**
 * Makes the handler of `publish`: a publication on the SNS topic of messages, or what is left of one, which it delivers to everyone who
 * listens.
 */
export function publishEvents({
  schema,
}: Pick<Api, 'schema'>): (event: SnsEvent, context: Invocation) => Promise<void> {
  const settings = publisherSettings()
  const callbackUrl = required('CALLBACK_URL')
  // While the rest of the function is loaded, and the first event is on its way.
  dynamoDb().preconnect()
  connections().preconnect(callbackUrl)

  const table = messagesTable()
  const ttlSeconds = readLogTtlSeconds()
  const history = createAppender({ table, ttlSeconds })
  const publisher = {
    settings,
    subscribers: createSubscribers({ table: clientsTable() }),
    sessions: sessions(),
    lateReadings: createLateReadings({ table, ttlSeconds }),
    operations: createOperations({ schema, onError: logMaskedError }),
    contextValue: {},
    deliver: connections().deliver,
    clock: { now: Date.now, pause: sleep },
    handOn: snsTopics().to(required('LEFTOVERS_TOPIC_ARN')),
    giveUp: snsTopics().to(required('UNDELIVERED_TOPIC_ARN')),
    ...(logger.writesDebug && { onSettled: logDelivery }),
  }
  const replayer = {
    ...publisher,
    subscriptions: createHeldSubscriptions({ table: clientsTable() }),
    log: createLogReader({ table }),
    maxAttempts: settings.maxAttempts,
  }

  const receive = oncePerMessage({
    async publish(assignment, deadlineMs) {
      logger.correlate(assignment.correlationId)
      const published = await publish(await logAssignment(assignment, history), publisher, deadlineMs)
      const { delivered, gone, undelivered, throttled, executions, handedOn } = published
      reportInLog(
        'Published.',
        {
          Delivered: delivered,
          Gone: gone,
          Failed: undelivered,
          Throttled: throttled,
          Executions: executions,
          ...timeToDelivery(assignment, delivered),
        },
        { handedOn: String(handedOn), httpVersion: connections().httpVersion(callbackUrl) },
      )
    },
    async replay(task: ReplayTask, deadlineMs) {
      const { connectionId, operationId } = task.replay
      logger.correlate(undefined)
      const { replayed, ended } = await replay(task, replayer, deadlineMs)
      reportInLog('Replayed.', { Replayed: replayed }, { connectionId, operationId, ended })
    },
  })

  const { connectTimeoutMs, responseTimeoutMs } = settings.connections
  const afterLastPostMs = connectTimeoutMs + responseTimeoutMs + reserveMs
  return async ({ Records }, context) => {
    const remainingMs = context.getRemainingTimeInMillis()
    const deadlineMs = Date.now() + Math.max(remainingMs - afterLastPostMs, remainingMs / 2)
    for (const { Sns } of Records) await receive(Sns, deadlineMs)
  }
}

function logDelivery({ connectionId, operationId }: Subscriber, { kind }: Settled): void {
  logger.debug('Settled a delivery.', { connectionId, operationId, outcome: kind })
}

/** From the mutation to the last delivery of this assignment; nothing where nobody was there to be delivered to. */
function timeToDelivery({ sentAt }: Assignment, delivered: number): { readonly TimeToDelivery?: number } {
  return sentAt === undefined || delivered === 0 ? {} : { TimeToDelivery: Date.now() - Date.parse(sentAt) }
}
