import type { Table } from '../aws/table'
import type { Topic } from '../channels/topic'
import { type LogEntry, numberOf, toLogEntry } from './entry'

/** Reads what has been published to a topic. Every read is consistent; each call fails as `callAws` does. */
export interface LogReader {
  /**
   * The entries after a number in their order, page by page (1 MB at most, `pageSize` entries at most), up to the newest one there
   * is when the last page is read. A log has no holes, so nothing before that can come later. What has expired is left out.
   */
  pagesAfter(log: Topic, after: number, pageSize?: number): AsyncGenerator<readonly LogEntry[]>

  /** The number of the newest entry; 0 if the log has none. */
  tail(log: Topic): Promise<number>

  /** Whether the log still has everything from a number on. */
  keepsFrom(log: Topic, sequence: number): Promise<boolean>

  /** The number before the first entry that was published at this time or later; that of the newest entry if there is none. */
  sequenceBefore(log: Topic, timeMs: number): Promise<number>
}

export interface WantedEvents {
  readonly log: Topic
  /** An event is wanted if it was published to one of these. */
  readonly topics: readonly Topic[]
  readonly after: number
  /** How many at most. */
  readonly first: number
}

/** The first events after a number that were published to some topics, in their order. */
export async function readEvents({ log, topics, after, first }: WantedEvents, reader: LogReader) {
  const events: LogEntry['event'][] = []
  for await (const page of reader.pagesAfter(log, after, Math.max(first, leastPageSize))) {
    for (const entry of page) if (entry.topics.some((topic) => topics.includes(topic))) events.push(entry.event)
    if (events.length >= first) break
  }
  return events.slice(0, first)
}

export interface LogReaderOptions {
  readonly table: Table
  /** The clock in epoch milliseconds: DynamoDB deletes what has expired days late. */
  readonly now?: () => number
}

/** What a page holds if nobody says: a chat's entries have about 1 KB. */
const defaultPageSize = 200

/** Of entries that not all are wanted. */
const leastPageSize = 50

/** How many entries are looked at, going back, for the one that was published at some time: twice as many each time. */
const firstStepBack = 25

export function createLogReader({ table, now = Date.now }: LogReaderOptions): LogReader {
  return { pagesAfter, tail, keepsFrom, sequenceBefore }

  async function* pagesAfter(log: Topic, after: number, pageSize = defaultPageSize) {
    for (let from = Math.max(after, 0) + 1, isLast = false; !isLast;) {
      const page = await query({ log, from, to: Number.MAX_SAFE_INTEGER, limit: pageSize })
      isLast = page.isLast
      from = (page.entries.at(-1)?.event.sequence ?? from) + 1
      yield page.entries.filter(isKept)
    }
  }

  async function tail(log: Topic): Promise<number> {
    const { entries } = await query({ log, from: 1, to: Number.MAX_SAFE_INTEGER, limit: 1, backwards: true })
    return entries[0]?.event.sequence ?? 0
  }

  async function keepsFrom(log: Topic, sequence: number): Promise<boolean> {
    // A log has no holes, and what comes first expires first.
    const { entries } = await query({ log, from: sequence, to: sequence, limit: 1 })
    return entries.some(isKept) || (await newestNumber(log)) < sequence
  }

  /** As `tail`; of a log whose entries were all deleted, the number up to which it may have had some. */
  async function newestNumber(log: Topic): Promise<number> {
    const { items } = await table.page({
      keys: 'topic = :topic AND #sequence >= :zero',
      values: { ':topic': log, ':zero': 0 },
      names: { '#sequence': 'sequence' },
      limit: 1,
      backwards: true,
    })
    return numberOf(items[0], 'reserved') ?? numberOf(items[0], 'sequence') ?? 0
  }

  async function sequenceBefore(log: Topic, timeMs: number): Promise<number> {
    let oldest: number | undefined
    for (let limit = firstStepBack; ; limit *= 2) {
      const to = oldest === undefined ? Number.MAX_SAFE_INTEGER : oldest - 1
      const { entries, isLast } = await query({ log, from: 1, to, limit, backwards: true })
      const before = entries.find(({ event }) => event.publishedAtMs < timeMs)
      if (before) return before.event.sequence
      oldest = entries.at(-1)?.event.sequence ?? oldest
      if (isLast) return oldest === undefined ? 0 : oldest - 1
    }
  }

  function isKept({ ttl }: LogEntry): boolean {
    return ttl > now() / 1000
  }

  async function query({ log, from, to, limit, backwards = false }: Range) {
    if (from > to) return { entries: [], isLast: true }
    const { items, next } = await table.page({
      keys: 'topic = :topic AND #sequence BETWEEN :from AND :to',
      values: { ':topic': log, ':from': from, ':to': to },
      names: { '#sequence': 'sequence' },
      limit,
      backwards,
    })
    return { entries: items.map(toLogEntry), isLast: next === undefined }
  }
}

/** Numbers from 1 on; 0 is the reservation's. */
interface Range {
  readonly log: Topic
  readonly from: number
  readonly to: number
  readonly limit: number
  readonly backwards?: boolean
}
