import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { channelTopic } from '../../lib/channels/topic'
import { cursorOwner, sessionName } from '../../lib/clients/sessions'
import type { Delivering, Delivery } from '../../lib/gateway/connections'
import { createAppender } from '../../lib/history/append'
import { createLateMarks } from '../../lib/history/late-marks'
import { createLogReader } from '../../lib/history/read'
import type { ReplayTask } from '../../lib/publisher/assignment'
import { replay, type ReplayReport } from '../../lib/publisher/replay'
import { type ClientsTable, startClientsTable } from '../support/clients-table'
import { type MessagesTable, startMessagesTable } from '../support/messages-table'
import { replayerOf, timesOf } from '../support/publisher'
import { connectClient, subscribeClient } from '../support/subscribed-client'

const session = sessionName('tab', undefined)
let table: ClientsTable
let messages: MessagesTable
let nowMs = Date.now()

beforeAll(async () => {
  table = await startClientsTable(() => nowMs)
  messages = await startMessagesTable()
})
afterAll(() => Promise.all([table.close(), messages.close()]))

const clock = { now: () => nowMs, pause: (ms: number) => Promise.resolve(void (nowMs += Math.ceil(ms))) }

// Regression: each invocation began with the same events, so the replay never ended, and the last ones were never sent.
it('a replay of late events that takes longer than an invocation comes to an end', async () => {
  const board = channelTopic('board', 'b')
  const log = { ...messages, now: clock.now, ttlSeconds: 3_600 }
  const appender = createAppender(log)
  for (let n = 1; n <= 30; n++) await appender.append({ topics: [board], id: `${n}`, data: { text: `${n}` } })
  for (let n = 1; n <= 30; n++) await createLateMarks(log).put(board, n, nowMs + 60_000)
  nowMs += 50_000 // the events were logged long before the cursor, and are still being served at its time
  const client = await connectClient(table, { connectionId: 'c', session, connectedAtMs: nowMs })
  const held = await subscribeClient(table, { client, topics: [board], receivedAtMs: nowMs, held: true })
  await table.sessions.cursors.begin(cursorOwner(session, 'c'), { ...held, beganAtMs: nowMs }, () => ({
    sinceMs: nowMs,
  }))
  const posts: string[] = [] // each takes 2 s, so an invocation has time for 24
  const deliver = ({ head }: Delivering): Promise<Delivery> => {
    nowMs += 2_000
    posts.push(head.text)
    return Promise.resolve({ kind: 'delivered' })
  }
  let task: ReplayTask | undefined = { replay: held, receivedAtMs: 0, session, first: undefined }
  let report: ReplayReport | undefined
  for (let rounds = 0; task && rounds < 10; rounds++) {
    const current: ReplayTask = task
    task = undefined
    const handOn = (rest: unknown) => Promise.resolve(void (task = JSON.parse(JSON.stringify(rest)) as ReplayTask))
    const replayer = replayerOf({ clients: table, messages }, { deliver, clock, handOn, log: createLogReader(log) })
    report = await replay(current, replayer, timesOf(48_000, nowMs))
  }
  expect(report?.ended).toBe('complete')
  expect(new Set(posts).size).toBe(30)
})
