import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
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

  /**
   * The number before the first entry that was published at this time or later; 0 if that may be all of them. In a busy log entries of the
   * second before that (`clocksDifferByMs`) may follow it, too. Reads one entry for each halving of the log, and ten: at most 25 of 10,000.
   */
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

/** What a page holds if nobody says: a chat's entries have about 1 KB. */
const defaultPageSize = 200

/** Of entries that not all are wanted. */
const leastPageSize = 50

/**
 * An entry is timed after the one before it was stored, but by another clock, perhaps. Those of Lambda follow Amazon Time Sync, whose error is
 * far below this.
 */
const clocksDifferByMs = 1_000

/** Of the entries that were published within that before a time. */
const maxLookedAt = 10

export function createLogReader({ table, now = Date.now }: TableAndClock): LogReader {
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
    return (await newestOf(log))?.sequence ?? 0
  }

  async function keepsFrom(log: Topic, sequence: number): Promise<boolean> {
    // A log has no holes, and what comes first expires first.
    const { entries } = await query({ log, from: sequence, to: sequence, limit: 1 })
    return entries.some(isKept) || (await newestNumber(log)) < sequence
  }

  /** As `tail`; of a log whose entries were all deleted, the number up to which it may have had some. */
  async function newestNumber(log: Topic): Promise<number> {
    const { items } = await table.page({
      keys: where`topic = ${log} AND #sequence >= ${0}`,
      limit: 1,
      backwards: true,
    })
    return numberOf(items[0], 'reserved') ?? numberOf(items[0], 'sequence') ?? 0
  }

  async function sequenceBefore(log: Topic, timeMs: number): Promise<number> {
    const newest = await newestOf(log)
    if (!newest) return 0
    // If an entry is older than this, all ahead of it were published before `timeMs`, whatever clocks they had.
    const isBefore = ({ publishedAtMs }: LogEntry['event']) => publishedAtMs < timeMs - clocksDifferByMs
    if (isBefore(newest)) return newest.sequence
    let [before, notBefore] = [0, newest.sequence]
    while (notBefore - before > 1) {
      const middle = Math.floor((before + notBefore) / 2)
      // The first one from there on: some may have been deleted.
      const entry = await firstOf({ log, from: middle, to: notBefore - 1, limit: 1 })
      if (entry && isBefore(entry)) before = entry.sequence
      else notBefore = middle
    }
    const { entries } = await query({ log, from: before + 1, to: newest.sequence, limit: maxLookedAt })
    for (const { event } of entries) {
      if (event.publishedAtMs >= timeMs) break
      before = event.sequence
    }
    return before
  }

  function newestOf(log: Topic): Promise<LogEntry['event'] | undefined> {
    return firstOf({ log, from: 1, to: Number.MAX_SAFE_INTEGER, limit: 1, backwards: true })
  }

  async function firstOf(range: Range): Promise<LogEntry['event'] | undefined> {
    return (await query(range)).entries[0]?.event
  }

  function isKept({ ttl }: LogEntry): boolean {
    return ttl > now() / 1000
  }

  async function query({ log, from, to, limit, backwards = false }: Range) {
    if (from > to) return { entries: [], isLast: true }
    const { items, next } = await table.page({
      keys: where`topic = ${log} AND #sequence BETWEEN ${from} AND ${to}`,
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
