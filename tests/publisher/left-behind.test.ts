import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { sessionName } from '../../lib/clients/sessions'
import type { Delivering, Delivery } from '../../lib/gateway/connections'
import { createAppender } from '../../lib/history/append'
import { createLateMarks } from '../../lib/history/late-marks'
import { createLogReader } from '../../lib/history/read'
import type { ReplayTask } from '../../lib/publisher/assignment'
import { logAssignment } from '../../lib/publisher/log-assignment'
import { publish } from '../../lib/publisher/publish'
import { replay } from '../../lib/publisher/replay'
import { receiveMessage } from '../../lib/receive/receive-message'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { type MessagesTable, startMessagesTable } from '../support/messages-table'
import { publicationOf, publisherOf, replayerOf, timesOf } from '../support/publisher'
import { parseMessage, receiverOf } from '../support/receiver'
import { connectClient } from '../support/subscribed-client'

let table: ClientsTable
let messages: MessagesTable
/** Each test has its own, and its own session. */
let board: string
const open = new Set<string>()
const received: string[] = []
const requested: ReplayTask[] = []

beforeAll(async () => {
  table = await startClientsTable()
  messages = await startMessagesTable()
})
afterAll(() => Promise.all([table.close(), messages.close()]))
beforeEach(async () => {
  await Promise.all(['first', 'second', 'third'].map((connectionId) => table.clients.remove(connectionId)))
  board = randomUUID()
  open.clear()
  received.length = 0
})

const clock = { now: Date.now, pause: (ms: number) => sleep(Math.min(ms, 5)) }

function deliver({ connectionId, head, rest }: Delivering): Promise<Delivery> {
  if (!open.has(connectionId)) return Promise.resolve({ kind: 'gone' })
  received.push(head.text + rest)
  return Promise.resolve({ kind: 'delivered' })
}

function connect(connectionId: string) {
  open.add(connectionId)
  return connectClient(table, { connectionId, session: sessionName(board, undefined) })
}

function start(connectionId: string) {
  const requestReplay = (task: unknown) =>
    Promise.resolve(void requested.push(JSON.parse(JSON.stringify(task)) as ReplayTask))
  const receiver = receiverOf(table, { requestReplay, history: createLogReader(messages) })
  const query = `subscription { text(board: "${board}") }`
  const message = parseMessage({ id: '1', type: 'start', payload: { query } })
  return receiveMessage({ connectionId, message, receivedAtMs: Date.now() }, receiver)
}

async function disconnect(connectionId: string) {
  open.delete(connectionId)
  await table.sessions.end(connectionId, { atMs: Date.now() })
}

async function replayAll() {
  const replayer = replayerOf({ clients: table, messages }, { deliver, clock })
  for (const task of requested.splice(0)) await replay(task, replayer, timesOf(30_000))
}

async function publishText(text: string) {
  const log = { ...messages, ttlSeconds: 3_600 }
  const publisher = publisherOf(table, { deliver, lateMarks: createLateMarks(log) })
  const assignment = publicationOf({ channel: 'board', keys: board, id: text, data: { text } })
  await publish(await logAssignment(assignment, createAppender(log)), publisher, timesOf(10_000))
}

/** A client comes back. @returns a function that lets its second subscription be stored, which it waits for */
async function comeBack(): Promise<() => Promise<unknown>> {
  await connect('first')
  await start('first')
  await disconnect('first')
  await connect('second')
  const storing = table.hold('PutItem', 'subscription#')
  const starting = start('second')
  await storing.reached
  return () => {
    storing.release()
    return starting
  }
}

/** Expects that the second connection has left nothing behind, and that the third receives what came before it. */
async function expectNothingLost(): Promise<void> {
  expect((await table.items()).filter(({ connectionId }) => connectionId === 'second')).toEqual([])
  await publishText('lost?')
  await connect('third')
  await start('third')
  await replayAll()
  expect(received).toEqual([expect.stringContaining('lost?')])
}

// Regression: the replay had nothing to post, so it did not notice that the connection had ended. It marked the cursor
// as done, and nothing wrote another: the next connection received only new events.
it('a client misses nothing if `$disconnect` of its next connection runs before that has stored its subscription', async () => {
  const store = await comeBack()
  await disconnect('second')
  await store()
  await replayAll()
  await expectNothingLost()
})

// Regression: the connection was still registered when the replay was done, so it marked the cursor as done.
it('a client misses nothing if `$disconnect` is slow, and reads before the subscription is stored', async () => {
  const store = await comeBack()
  open.delete('second')
  const remains = await table.sessions.cut('second', { atMs: Date.now() })
  await store()
  await replayAll()
  await sleep(500) // the replay pauses for as long, which `clock` shortens
  await table.sessions.remove(remains)
  await expectNothingLost()
})
