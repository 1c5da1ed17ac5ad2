import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { DynamoDb } from '../../lib/aws/dynamodb'
import { where } from '../../lib/aws/expression'
import { createTable } from '../../lib/aws/table'
import { createAppender } from '../../lib/history/append'
import { createLogReader, readEvents } from '../../lib/history/read'
import { channelTopic, taggedTopic, type Topic } from '../../lib/channels/topic'
import { type MessagesTable, startMessagesTable } from '../support/messages-table'

const hour = 3_600_000
const ttlSeconds = 24 * 3_600

let table: MessagesTable
let nowMs: number
let rooms = 0
let room: Topic

beforeAll(async () => {
  table = await startMessagesTable()
})
afterAll(() => table.close())

beforeEach(() => {
  nowMs = Date.parse('2030-01-01T00:00:00Z')
  room = channelTopic('board', `room ${++rooms}`)
  table.calls.length = 0
})

/** An appender as in a separate process: it shares no memory with others. */
function newAppender(dynamoDb: DynamoDb = table.dynamoDb) {
  const own = createTable({ dynamoDb, tableName: table.tableName })
  return createAppender({ table: own, ttlSeconds, now: () => nowMs, pause: () => Promise.resolve() })
}

/** Appends an event. @returns its number */
async function append(appender: ReturnType<typeof newAppender>, id: string): Promise<number> {
  return (await appender.append(publication(id))).sequence
}

function reader() {
  return createLogReader({ table: table.table, now: () => nowMs })
}

function publication(id: string, topics: readonly [Topic, ...Topic[]] = [room]) {
  return { topics, id, data: { text: `text of ${id}` } }
}

/** Stores entries of the room as appenders have left them. */
async function store(entries: readonly { readonly sequence: number; readonly publishedAtMs: number }[]): Promise<void> {
  const ttl = String(nowMs / 1_000 + ttlSeconds)
  for (let start = 0; start < entries.length; start += 25) {
    const requests = entries.slice(start, start + 25).map(({ sequence, publishedAtMs }) => ({
      PutRequest: {
        Item: {
          topic: { S: room },
          sequence: { N: String(sequence) },
          eventId: { S: `e${sequence}` },
          event: { S: '{}' },
          topics: { L: [{ S: room }] },
          publishedAtMs: { N: String(publishedAtMs) },
          ttl: { N: ttl },
        },
      },
    }))
    await table.dynamoDb.call('BatchWriteItem', { RequestItems: { [table.tableName]: requests } })
  }
}

async function logged(after = 0): Promise<readonly string[]> {
  const events = await readEvents({ log: room, topics: [room], after, first: 1_000 }, reader())
  return events.map(({ sequence, id }) => `${sequence} ${id}`)
}

describe('a log', () => {
  it('numbers its events 1, 2, 3', async () => {
    const appender = newAppender()
    const numbers = [await append(appender, 'a'), await append(appender, 'b')]
    expect(numbers).toEqual([1, 2])
    expect(await append(newAppender(), 'c')).toBe(3)
    expect(await logged()).toEqual(['1 a', '2 b', '3 c'])
  })

  it('has each event once, however often and by however many appenders it is appended', async () => {
    const appender = newAppender()
    for (const id of ['a', 'b', 'c']) await appender.append(publication(id))
    nowMs += hour
    expect(await append(appender, 'a')).toBe(1)
    expect(await append(newAppender(), 'b')).toBe(2)
    expect(await logged()).toEqual(['1 a', '2 b', '3 c'])
  })

  it('has no gap and no duplicate after 24 appenders have appended 12 events concurrently', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `e${n}`)
    const numbers = await Promise.all([...ids, ...ids].map((id) => append(newAppender(), id)))
    expect(numbers.slice(0, 12)).toEqual(numbers.slice(12))
    expect(numbers.slice(0, 12).toSorted((a, b) => a - b)).toEqual(ids.map((_, n) => n + 1))
    expect(await logged()).toHaveLength(12)
  })

  it('has an event once even if the answer to its PutItem was lost', async () => {
    const losing: DynamoDb = {
      ...table.dynamoDb,
      async call(operation, input) {
        const output = await table.dynamoDb.call(operation, input)
        // The client sends it again, and the condition is not met any more.
        return operation === 'PutItem' ? table.dynamoDb.call(operation, input) : output
      },
    }
    expect(await append(newAppender(losing), 'a')).toBe(1)
    expect(await logged()).toEqual(['1 a'])
  })

  it('stores the data of an event unchanged, with its id and its topics', async () => {
    const data = { text: 'é', nested: [1, { a: null }], id: 'not the event' }
    const topics = [room, taggedTopic(room, 'fr')] as const
    const { sequence, publishedAtMs } = await newAppender().append({ topics, id: 'a', data })
    const events = await readEvents({ log: room, topics: [room], after: 0, first: 1 }, reader())
    expect(events).toEqual([{ id: 'a', channel: 'board', data, sequence, publishedAtMs }])
    const { items } = await table.table.page({ keys: where`topic = ${room}`, backwards: true })
    expect(items[0]).toMatchObject({ eventId: { S: 'a' }, event: { S: JSON.stringify(data) } })
    expect(items[0]?.['topics']).toEqual({ L: [{ S: room }, { S: `${room}#fr` }] })
  })

  it('needs one read and one write per event in a warm process', async () => {
    const appender = newAppender()
    await appender.append(publication('a'))
    table.calls.length = 0
    await appender.append(publication('b'))
    expect(table.calls).toEqual(['Query', 'PutItem'])
  })

  it('continues with the next hundred once all events have expired, whether deleted or not', async () => {
    const appender = newAppender()
    for (const id of ['a', 'b', 'c']) await appender.append(publication(id))
    nowMs += 25 * hour
    expect(await logged()).toEqual([])
    await table.dynamoDb.call('DeleteItem', {
      TableName: table.tableName,
      Key: { topic: { S: room }, sequence: { N: '3' } },
    })
    expect(await append(newAppender(), 'd')).toBe(101)
    expect(await append(appender, 'e')).toBe(102)
    nowMs += 25 * hour
    expect(await append(newAppender(), 'f')).toBe(201)
  })

  it('has no gap if three appenders continue it concurrently after all events have expired', async () => {
    await newAppender().append(publication('a'))
    nowMs += 25 * hour
    const numbers = await Promise.all(['b', 'c', 'd'].map((id) => append(newAppender(), id)))
    expect(numbers.toSorted((a, b) => a - b)).toEqual([101, 102, 103])
  })

  it('rejects with the name of the log if other appenders are faster each time', async () => {
    const overtaken: DynamoDb = {
      ...table.dynamoDb,
      async call(operation, input) {
        if (operation === 'PutItem') await newAppender().append(publication(`other ${Math.random()}`))
        return table.dynamoDb.call(operation, input)
      },
    }
    await expect(newAppender(overtaken).append(publication('a'))).rejects.toThrow(
      `Could not append to the log "${room}"`,
    )
  })
})

describe('a reader', () => {
  it('returns the events of given topics after a number, up to a limit', async () => {
    const appender = newAppender()
    const french = taggedTopic(room, 'fr')
    for (let n = 1; n <= 120; n++) await appender.append(publication(`e${n}`, n % 2 === 0 ? [room, french] : [room]))
    const events = await readEvents({ log: room, topics: [french], after: 50, first: 30 }, reader())
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 30 }, (_, n) => 52 + 2 * n))
  })

  it('reads every page up to the newest event', async () => {
    const appender = newAppender()
    for (let n = 1; n <= 7; n++) await appender.append(publication(`e${n}`))
    const pages: (readonly number[])[] = []
    for await (const page of reader().pagesAfter(room, 1, 3)) pages.push(page.map(({ event }) => event.sequence))
    expect(pages.flat()).toEqual([2, 3, 4, 5, 6, 7])
  })

  it('finds the number before the first event at or after a given time', async () => {
    const appender = newAppender()
    const start = nowMs
    for (let n = 1; n <= 100; n++) {
      nowMs = start + n * 10_000
      await appender.append(publication(`e${n}`))
    }
    const before = (tens: number) => reader().sequenceBefore(room, start + tens * 10_000)
    expect(await Promise.all([0, 1, 2, 40, 99, 100, 101].map(before))).toEqual([0, 0, 1, 39, 98, 99, 100])
    expect(await reader().sequenceBefore(channelTopic('board', 'silent'), start)).toBe(0)
  })

  it('finds that number despite clocks that differ by 1 s and deleted entries', async () => {
    const entries = Array.from({ length: 60 }, (_, index) => ({
      sequence: index + 1,
      publishedAtMs: nowMs + index * 250 - (index % 3 === 0 ? 900 : 0),
    })).filter(({ sequence }) => sequence % 7 !== 0)
    await store(entries)
    for (const { publishedAtMs: timeMs } of entries) {
      const before = await reader().sequenceBefore(room, timeMs)
      const left = entries.filter(({ sequence }) => sequence <= before)
      expect(left.filter(({ publishedAtMs }) => publishedAtMs >= timeMs)).toEqual([])
      const sent = entries.filter(({ sequence }) => sequence > before)
      expect(sent[0]?.publishedAtMs).toBeGreaterThanOrEqual(timeMs - 2_000)
    }
  })

  // A client that reconnected read the whole backlog of its room, only to find where to start.
  it('finds that number among 2,000 entries by reading at most 25', async () => {
    const entries = Array.from({ length: 2_000 }, (_, index) => ({
      sequence: index + 1,
      publishedAtMs: nowMs + index * 10_000,
    }))
    await store(entries)
    for (const sequence of [1, 2, 777, 1_000, 1_990, 2_000]) {
      let read = 0
      const counting = createTable({
        dynamoDb: {
          async call(operation, input) {
            const output = await table.dynamoDb.call(operation, input)
            read += (output as { readonly Items: readonly unknown[] }).Items.length
            return output
          },
        },
        tableName: table.tableName,
      })
      const log = createLogReader({ table: counting, now: () => nowMs })
      expect(await log.sequenceBefore(room, nowMs + (sequence - 1) * 10_000)).toBe(sequence - 1)
      expect(read).toBeLessThanOrEqual(25)
    }
  })

  it('returns the newest number, and whether the log is complete from a number on', async () => {
    const keepsFrom = (...numbers: readonly number[]) => Promise.all(numbers.map((n) => reader().keepsFrom(room, n)))
    expect(await reader().tail(room)).toBe(0)
    expect(await keepsFrom(1)).toEqual([true])
    const appender = newAppender()
    await append(appender, 'a')
    nowMs += 13 * hour
    await append(appender, 'b')
    expect(await reader().tail(room)).toBe(2)
    expect(await keepsFrom(1, 2, 3)).toEqual([true, true, true])
    nowMs += 13 * hour // the first has expired
    expect(await reader().tail(room)).toBe(2)
    expect(await keepsFrom(1, 2, 3)).toEqual([false, true, true])
    nowMs += 13 * hour
    expect(await keepsFrom(2, 3)).toEqual([false, true])
  })

  // With every entry deleted, the log looked as if it had always been empty: missed events were skipped silently.
  it('reports a log as incomplete even if all of its entries were deleted', async () => {
    const appender = newAppender()
    for (const id of ['a', 'b', 'c']) await append(appender, id)
    for (const sequence of ['1', '2', '3']) {
      const Key = { topic: { S: room }, sequence: { N: sequence } }
      await table.dynamoDb.call('DeleteItem', { TableName: table.tableName, Key })
    }
    expect(await Promise.all([2, 100, 101].map((n) => reader().keepsFrom(room, n)))).toEqual([false, false, true])
  })
})
