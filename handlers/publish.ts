import { setTimeout as sleep } from 'node:timers/promises'
import { createDynamoDb } from '../lib/aws/dynamodb'
import { awsServices } from '../lib/aws/services'
import { createTable } from '../lib/aws/table'
import { createHeldSubscriptions } from '../lib/clients/held-subscriptions'
import { readSessionSettings } from '../lib/clients/session-settings'
import { createSessions } from '../lib/clients/sessions'
import { createSubscribers, type Subscriber } from '../lib/clients/subscribers'
import { required } from '../lib/environment'
import { createAppender } from '../lib/history/append'
import { createLateReadings } from '../lib/history/late-readings'
import { createLogReader } from '../lib/history/read'
import { readLogTtlSeconds } from '../lib/history/settings'
import { type SnsEvent, snsTopicSenders } from '../lib/aws/sns-topic'
import { logger, logMaskedError } from '../lib/observability/logger'
import { reportInLog } from '../lib/observability/metrics'
import { createOperations } from '../lib/operations/execute'
import type { Assignment } from '../lib/publisher/assignment'
import { signedDeliver } from '../lib/publisher/deliver'
import type { Settled } from '../lib/publisher/fan-out'
import { createInbox } from '../lib/publisher/once-per-message'
import { logAssignment } from '../lib/publisher/log-assignment'
import { publish } from '../lib/publisher/publish'
import { replay } from '../lib/publisher/replay'
import { readPublisherSettings } from '../lib/publisher/settings'
import { schema } from '../schema'

const settings = readPublisherSettings()
const aws = awsServices()
const sns = snsTopicSenders(aws.at('sns'))
const dynamoDb = createDynamoDb(aws.at('dynamodb'))
const clientsTable = createTable({ dynamoDb, tableName: required('CLIENTS_TABLE') })
const messagesTable = createTable({ dynamoDb, tableName: required('MESSAGES_TABLE') })
const ttlSeconds = readLogTtlSeconds()
const log = createAppender({ table: messagesTable, ttlSeconds })
const callbackUrl = required('CALLBACK_URL')
const sender = signedDeliver({
  region: aws.region,
  credentials: aws.credentials,
  ...settings.connections,
})
// While the rest of the function is loaded, and the first event is on its way.
dynamoDb.preconnect()
sender.preconnect(callbackUrl)

const publisher = {
  settings,
  subscribers: createSubscribers({ table: clientsTable }),
  sessions: createSessions({ table: clientsTable, ...readSessionSettings() }),
  lateReadings: createLateReadings({ table: messagesTable, ttlSeconds }),
  operations: createOperations({ schema, onError: logMaskedError }),
  contextValue: {},
  deliver: sender.deliver,
  clock: { now: Date.now, pause: sleep },
  handOn: sns.to(required('LEFTOVERS_TOPIC_ARN')),
  giveUp: sns.to(required('UNDELIVERED_TOPIC_ARN')),
  ...(logger.writesDebug && { onSettled: logDelivery }),
}
const replayer = {
  ...publisher,
  subscriptions: createHeldSubscriptions({ table: clientsTable }),
  log: createLogReader({ table: messagesTable }),
  maxAttempts: settings.maxAttempts,
}

const receive = createInbox({
  publish: async (assignment, deadlineMs) => {
    logger.correlate(assignment.correlationId)
    const published = await publish(await logAssignment(assignment, log), publisher, deadlineMs)
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
      { handedOn: String(handedOn), httpVersion: sender.httpVersion(callbackUrl) },
    )
  },
  replay: async (task, deadlineMs) => {
    const { connectionId, operationId } = task.replay
    logger.correlate(undefined)
    const { replayed, ended } = await replay(task, replayer, deadlineMs)
    reportInLog('Replayed.', { Replayed: replayed }, { connectionId, operationId, ended })
  },
})

/** What it takes at most, after the last post was started, to await it and to hand on what is left. */
const reserveMs = settings.connections.connectTimeoutMs + settings.connections.responseTimeoutMs + 3_000

/** A publication on the SNS topic of messages, or what is left of one: delivers it to everyone who listens. */
export async function handler({ Records }: SnsEvent, context: { getRemainingTimeInMillis(): number }): Promise<void> {
  const remainingMs = context.getRemainingTimeInMillis()
  const deadlineMs = Date.now() + Math.max(remainingMs - reserveMs, remainingMs / 2)
  for (const { Sns } of Records) await receive(Sns, deadlineMs)
}

function logDelivery({ connectionId, operationId }: Subscriber, { kind }: Settled): void {
  logger.debug('Settled a delivery.', { connectionId, operationId, outcome: kind })
}

/** From the mutation to the last delivery of this assignment; nothing where nobody was there to be delivered to. */
function timeToDelivery({ sentAt }: Assignment, delivered: number): { readonly TimeToDelivery?: number } {
  return sentAt === undefined || delivered === 0 ? {} : { TimeToDelivery: Date.now() - Date.parse(sentAt) }
}
