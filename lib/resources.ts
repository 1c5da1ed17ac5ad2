import { createDynamoDb } from './aws/dynamodb'
import { awsServices } from './aws/services'
import { snsTopicSenders } from './aws/sns-topic'
import { sqsQueueSender } from './aws/sqs-queue'
import { createTable } from './aws/table'
import { createSessions } from './clients/sessions'
import { required, wholeNumber } from './environment'
import { createConnections } from './gateway/connections'
import { readLogTtlSeconds } from './history/settings'
import { type Announce, announcer } from './presence/changes'
import { readPublisherSettings } from './publisher/settings'

/**
 * The AWS clients and tables of a process. Each is made when it is first asked for, and kept: everything that a function does shares its
 * connections. What they need is in the environment; what is missing there throws a ConfigurationError that names it.
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
/** Connections to close later: `closeLater`. */
export const closings = /* @__PURE__ */ once(() => sqsQueueSender({ ...aws(), queueUrl: required('CLOSINGS_URL') }))
/** The queue of changes in rooms. */
export const roomChanges = /* @__PURE__ */ once(() =>
  sqsQueueSender({ ...aws(), queueUrl: required('ROOM_CHANGES_URL') }),
)
/** It needs the queue once there is something to announce. */
export const announce: Announce = (topic, atMs) => announcer(roomChanges())(topic, atMs)
export const sessions = /* @__PURE__ */ once(() =>
  createSessions({
    table: clientsTable(),
    ttlSeconds: readLogTtlSeconds(),
    announce,
    // API Gateway ends a connection that has been silent for ten minutes.
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
