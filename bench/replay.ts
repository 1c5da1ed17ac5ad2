import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAppender } from '../lib/history/append'
import { channelTopic, type Topic } from '../lib/channels/topic'
import type { Deliver } from '../lib/gateway/connections'
import { replay } from '../lib/publisher/replay'
import { type ClientsTable, startClientsTable } from '../tests/support/clients-table'
import { type MessagesTable, startMessagesTable } from '../tests/support/messages-table'
import { replayerOf, startSender } from '../tests/support/publisher'
import { connectClient, subscribeClient } from '../tests/support/subscribed-client'

/**
 * `npx tsx bench/replay.ts`: measures a replay from its start to its last message, for 10, 1,000 and 10,000 missed
 * messages, with posts to @connections of 0 or 5 ms. dynalite stands in for DynamoDB, and a server in this process for
 * API Gateway.
 */
async function main(): Promise<void> {
  const tables = { clients: await startClientsTable(), messages: await startMessagesTable() }
  for (const delayMs of [0, 5]) {
    const api = await startConnections(delayMs)
    const sender = startSender(1)
    for (const missed of [10, 1_000, 10_000]) {
      const ms = await timeReplay({ ...tables, missed, callbackUrl: api.callbackUrl, deliver: sender.deliver })
      console.log(`${missed} missed, ${delayMs} ms a post: ${Math.round(ms)} ms`)
    }
    sender.destroy()
    api.close()
  }
  await Promise.all([tables.clients.close(), tables.messages.close()])
}

interface Replaying {
  readonly clients: ClientsTable
  readonly messages: MessagesTable
  readonly missed: number
  readonly callbackUrl: string
  readonly deliver: Deliver
}

async function timeReplay({ clients, messages, missed, callbackUrl, deliver }: Replaying): Promise<number> {
  const room = channelTopic('board', `${callbackUrl} ${missed}`)
  const appender = createAppender({ ...messages, ttlSeconds: 3_600 })
  const text = 'Bonjour, tout le monde'.repeat(4)
  for (let n = 0; n < missed; n++) await appender.append({ topics: [room], id: String(n), data: { text } })
  const subscription = await hold(room, callbackUrl, clients)
  const receivedAtMs = 0
  const beginning = { ...subscription, beganAtMs: receivedAtMs }
  await clients.sessions.cursors.begin(subscription.connectionId, beginning, () => ({ after: 0 }))
  const task = { replay: subscription, receivedAtMs }
  let lastMs = 0
  const timed: Deliver = async (delivering) => {
    const delivery = await deliver(delivering)
    lastMs = performance.now()
    return delivery
  }
  const replayer = replayerOf({ clients, messages }, { deliver: timed })
  const startMs = performance.now()
  const { replayed } = await replay(task, replayer, { deadlineMs: Infinity, endMs: Infinity })
  if (replayed !== missed) throw new Error(`Expected ${missed} messages to be replayed, got ${replayed}.`)
  return lastMs - startMs
}

/** A subscription that waits for its replay. */
async function hold(room: Topic, callbackUrl: string, clients: ClientsTable) {
  const client = await connectClient(clients, { connectionId: room, callbackUrl })
  return subscribeClient(clients, { client, topics: [room], held: true })
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
