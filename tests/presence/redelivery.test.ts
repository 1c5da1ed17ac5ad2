import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { channelTopic } from '../../lib/channels/topic'
import { roomKey } from '../../lib/clients/keys'
import { reconcile } from '../../lib/presence/reconcile'
import { type ClientsTable, startClientsTable } from '../support/clients-table'

let table: ClientsTable
let nowMs = Date.now()

beforeAll(async () => {
  table = await startClientsTable(() => nowMs)
})
afterAll(() => table.close())

// Regression: it was dropped, because less than a minute had passed since the function took its turn. As the state was
// stored, the check of the idle room was void too, so its members did not learn of the change until the next one.
it.each([0, 50, 200, 3_000])(
  'SQS brings a change again 60 s after a function received it, which took a turn %i ms later and failed',
  async (laterMs) => {
    const topic = channelTopic('guests', `board ${laterMs}`)
    const change = { topic, id: 'x', attempt: 1, settledAtMs: nowMs - 500 }
    const slow = { readAtMs: nowMs - 60_000, paidUntilMs: 0, change: 'y', isDone: true, tookMs: 1_200 }
    await table.table.put({ ...roomKey(topic, 'turn'), ...slow, ttl: 2 ** 40 })
    const member = { connectionId: `c ${laterMs}`, id: 'subscription#1', topic, operation: 'o@@m:{}', ttl: 2 ** 40 }
    await table.table.put(member)
    let published = 0
    const reconciling = {
      table: table.table,
      now: () => nowMs,
      later: () => Promise.resolve(),
      publish: () => Promise.resolve(void published++),
    }
    const receivedMs = nowMs
    nowMs += laterMs
    const publish = () => Promise.reject(new Error('SNS is down.'))
    await expect(reconcile(change, { ...reconciling, publish })).rejects.toThrow('SNS is down.')
    nowMs += 1_000
    await reconcile({ ...change, attempt: 2 }, reconciling)
    expect(published).toBe(0) // the function may still be at it
    nowMs = receivedMs + 60_020
    await reconcile(change, reconciling)
    expect(published).toBe(1)
  },
)
