import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { channelTopic } from '../../lib/channels/topic'
import { createLateMarks, type LateMarks } from '../../lib/history/late-marks'
import { type MessagesTable, startMessagesTable } from '../support/messages-table'

let messages: MessagesTable
let marks: LateMarks
beforeAll(async () => {
  messages = await startMessagesTable()
  marks = createLateMarks({ table: messages.table, ttlSeconds: 60 })
})
afterAll(() => messages.close())

it('finds the events up to a number that were still being served at a given time, in order', async () => {
  const log = channelTopic('board', 'found')
  for (const [sequence, untilMs] of [
    [12, 100],
    [3, 200],
    [7, 99],
    [9, 150],
    [13, 500],
  ] as const) {
    await marks.put(log, sequence, untilMs)
  }
  expect(await marks.since(log, 100, 12)).toEqual([3, 9, 12])
  expect(await marks.since(channelTopic('board', 'another'), 0, 12)).toEqual([])
})

it('extends a mark, but does not shorten it', async () => {
  const log = channelTopic('board', 'longer')
  await marks.put(log, 1, 60_000)
  await marks.put(log, 1, 5_000)
  expect(await marks.since(log, 59_999, 1)).toEqual([1])
  await marks.put(log, 1, 70_000)
  expect(await marks.since(log, 69_999, 1)).toEqual([1])
})
