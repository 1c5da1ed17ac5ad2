import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { operationHash } from '../lib/clients/items'
import { createAppender } from '../lib/history/append'
import { createLateReadings } from '../lib/history/late-readings'
import { createLogReader } from '../lib/history/read'
import { createOperations } from '../lib/operations/execute'
import { type Topic, topic } from '../lib/channels/topic'
import type { OperationId } from '../lib/operations/request'
import { type Deliver, createConnections } from '../lib/gateway/connections'
import { replay } from '../lib/publisher/replay'
import { replayTask } from '../lib/publisher/replay-task'
import { schema } from '../schema'
import { type ClientsTable, startClientsTable } from '../tests/support/clients-table'
import { type MessagesTable, startMessagesTable } from '../tests/support/messages-table'

/**
 * `npx tsx bench/replay.ts`: how long it takes from the start of a replay to its last message, for 10, 1,000 and 10,000 missed ones,
 * where a post to @connections takes 0 or 5 ms. dynalite stands in for DynamoDB, a server of this process for API Gateway.
 */
async function main(): Promise<void> {
  const tables = { clients: await startClientsTable(), messages: await startMessagesTable() }
  for (const delayMs of [0, 5]) {
    const api = await startConnections(delayMs)
    const sender = createConnections(senderOptions)
    for (const missed of [10, 1_000, 10_000]) {
      const ms = await timeReplay({ ...tables, missed, callbackUrl: api.callbackUrl, deliver: sender.deliver })
      console.log(`${missed} missed, ${delayMs} ms a post: ${Math.round(ms)} ms`)
    }
    sender.destroy()
    api.close()
  }
  await Promise.all([tables.clients.close(), tables.messages.close()])
}

const credentials = { accessKeyId: 'a', secretAccessKey: 's' }
const senderOptions = {
  region: 'us-east-1',
  credentials: () => credentials,
  maxConnections: 1,
  connectTimeoutMs: 2_000,
  responseTimeoutMs: 5_000,
}

interface Replaying {
  readonly clients: ClientsTable
  readonly messages: MessagesTable
  readonly missed: number
  readonly callbackUrl: string
  readonly deliver: Deliver
}

async function timeReplay({ clients, messages, missed, callbackUrl, deliver }: Replaying): Promise<number> {
  const room = topic('chat', `${callbackUrl} ${missed}`)
  const appender = createAppender({ ...messages, ttlSeconds: 3_600 })
  const text = 'Bonjour, tout le monde'.repeat(4)
  for (let n = 0; n < missed; n++) await appender.append({ topics: [room], event: { id: String(n), text } })
  const task = replayTask(await hold(room, callbackUrl, clients), { after: 0 })
  const replayer = {
    subscriptions: clients.heldSubscriptions,
    sessions: clients.sessions,
    lateReadings: createLateReadings({ ...messages, ttlSeconds: 3_600 }),
    log: createLogReader(messages),
    operations: createOperations({ schema, onError: () => undefined }),
    contextValue: {},
    deliver,
    clock: { now: Date.now, pause: sleep },
    handOn: () => Promise.reject(new Error('There is time enough.')),
    maxAttempts: 1,
  }
  const startMs = performance.now()
  const { replayed } = await replay(task, replayer, Infinity)
  if (replayed !== missed) throw new Error(`${replayed} of ${missed} were replayed.`)
  return performance.now() - startMs
}

/** A subscription that waits for its replay. */
async function hold(room: Topic, callbackUrl: string, { clients }: ClientsTable) {
  const connectionId = room
  const request = { query: 'subscription { chat(chatId: "a") }', variables: null, operationName: null }
  const shared = { callbackUrl, dialect: 'legacy', request } as const
  await clients.register({ connectionId, callbackUrl, subprotocol: undefined, connectedAtMs: Date.now() })
  const client = await clients.find(connectionId)
  if (!client) throw new Error('It is not connected.')
  const operationId = '1' as OperationId
  await clients.subscribe({ client, operationId, topics: [room], shared, receivedAtMs: Date.now(), held: true })
  return { connectionId, operationId, operation: operationHash(shared) }
}

async function startConnections(delayMs: number) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (delayMs === 0) response.end()
      else setTimeout(() => response.end(), delayMs)
    })
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const callbackUrl = `http://localhost:${(server.address() as AddressInfo).port}/dev`
  return { callbackUrl, close: () => server.close() }
}

void main()
