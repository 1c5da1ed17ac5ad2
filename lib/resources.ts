import { createDynamoDb } from './aws/dynamodb'
import { awsServices } from './aws/services'
import { snsTopicSenders } from './aws/sns-topic'
import { sqsQueueSender } from './aws/sqs-queue'
import { createTable } from './aws/table'
import { createSessions } from './clients/sessions'
import { required, wholeNumber } from './environment'
import { createConnections } from './gateway/connections'
import { type Announce, announcer } from './presence/changes'
import { readPublisherSettings } from './publisher/settings'

/**
 * The AWS clients and tables of a process. Each is created on first use and then shared, so that all callers reuse its
 * connections. A missing environment variable throws a ConfigurationError that names it.
 */
const aws = /* @__PURE__ */ once(() => awsServices())
export const dynamoDb = /* @__PURE__ */ once(() => createDynamoDb(aws().at('dynamodb')))
export const clientsTable = /* @__PURE__ */ once(() =>
  createTable({ dynamoDb: dynamoDb(), tableName: required('CLIENTS_TABLE') }),
)
export const messagesTable = /* @__PURE__ */ once(() =>
  createTable({ dynamoDb: dynamoDb(), tableName: required('MESSAGES_TABLE') }),
)
export const snsTopics = /* @__PURE__ */ once(() => snsTopicSenders(aws().at('sns')))
/** The queue of failed events. */
export const failedEvents = /* @__PURE__ */ once(() =>
  sqsQueueSender({ ...aws(), queueUrl: required('FAILED_EVENTS_URL') }),
)
/** The queue of connections to close later: see `closeLater`. */
export const closings = /* @__PURE__ */ once(() => sqsQueueSender({ ...aws(), queueUrl: required('CLOSINGS_URL') }))
/** The queue of changes in rooms. */
export const roomChanges = /* @__PURE__ */ once(() =>
  sqsQueueSender({ ...aws(), queueUrl: required('ROOM_CHANGES_URL') }),
)
/** It needs the queue once there is something to announce. */
export const announce: Announce = (topic, expiresAtMs) => announcer(roomChanges())(topic, expiresAtMs)
/** How long a log keeps an event. */
export const logTtlSeconds = /* @__PURE__ */ once(() =>
  wholeNumber('MESSAGES_TTL_SECONDS', { byDefault: 24 * 60 * 60 }),
)
export const sessions = /* @__PURE__ */ once(() =>
  createSessions({
    table: clientsTable(),
    ttlSeconds: logTtlSeconds(),
    announce,
    // API Gateway closes a connection after 10 minutes without traffic.
    reachSeconds: wholeNumber('RESUME_REACH_SECONDS', { byDefault: 600 }),
  }),
)
export const publisherSettings = /* @__PURE__ */ once(() => readPublisherSettings())
export const connections = /* @__PURE__ */ once(() => {
  const { region, credentials } = aws()
  return createConnections({ region, credentials, ...publisherSettings().connections })
})

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}
