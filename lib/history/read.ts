import { numberOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import type { Topic } from '../channels/topic'
import { type LogEntry, toLogEntry } from './entry'

/** Reads the log of a topic. Every read is consistent. Each call throws like `callAws`. */
export interface LogReader {
  /**
   * The entries after a number, from 0 on, in order, in pages of at most 1 MB and `pageSize` entries, up to the newest
   * entry when the last page is read. Because a log has no gaps, no entry can later appear in the range already read.
   * Expired entries are skipped, so a page may be empty.
   */
  pagesAfter(log: Topic, after: number, pageSize?: number): AsyncGenerator<readonly LogEntry[]>

  /** The number of the newest entry; 0 for an empty log. */
  tail(log: Topic): Promise<number>

  /** Whether the log still has every entry from a number on. */
  keepsFrom(log: Topic, sequence: number): Promise<boolean>

  /**
   * The number before the first entry published at or after a time; 0 if that may be the first entry. In a busy log,
   * the result may be too low by the entries of the last second before that time (`clocksDifferByMs`). Binary search:
   * at most 25 entries are read in a log of 10,000.
   */
  sequenceBefore(log: Topic, timeMs: number): Promise<number>
}

export interface WantedEvents {
  readonly log: Topic
  /** Selects events that were published to any of these topics. */
  readonly topics: readonly Topic[]
  readonly after: number
  /** Maximum number of events. */
  readonly first: number
}

/** The first events after a number that were published to any of some topics, in order. */
export async function readEvents({ log, topics, after, first }: WantedEvents, reader: LogReader) {
  const events: LogEntry['event'][] = []
  for await (const page of reader.pagesAfter(log, after, Math.max(first, leastPageSize))) {
    for (const entry of page) if (entry.topics.some((topic) => topics.includes(topic))) events.push(entry.event)
    if (events.length >= first) break
  }
  return events.slice(0, first)
}

/** Default page size, for entries of about 1 KB, as in a chat. */
const defaultPageSize = 200

/** Smallest page size if entries are filtered. */
const leastPageSize = 50

/**
 * An entry is timed after its predecessor was stored, but possibly by another clock. Lambda's clocks follow Amazon Time
 * Sync, whose error is far smaller than this.
 */
const clocksDifferByMs = 1_000

/** Maximum number of entries checked within that span. */
const maxLookedAt = 10

export function createLogReader({ table, now = Date.now }: TableAndClock): LogReader {
  return { pagesAfter, tail, keepsFrom, sequenceBefore }

  async function* pagesAfter(log: Topic, after: number, pageSize = defaultPageSize) {
    const keys = where`topic = ${log} AND #sequence > ${after}`
    for await (const items of table.pages({ keys, limit: pageSize })) yield items.map(toLogEntry).filter(isKept)
  }

  async function tail(log: Topic): Promise<number> {
    return (await newestOf(log))?.sequence ?? 0
  }

  async function keepsFrom(log: Topic, sequence: number): Promise<boolean> {
    // A log has no gaps, and the oldest entries expire first.
    const entries = await query({ log, from: sequence, to: sequence, limit: 1 })
    return entries.some(isKept) || (await newestNumber(log)) < sequence
  }

  /** Like `tail`, but for a log whose entries were all deleted, the highest number that it may have used. */
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
    // Every entry before one this old was published before `timeMs`, by whatever clock.
    const isBefore = ({ publishedAtMs }: LogEntry['event']) => publishedAtMs < timeMs - clocksDifferByMs
    if (isBefore(newest)) return newest.sequence
    let [before, notBefore] = [0, newest.sequence]
    while (notBefore - before > 1) {
      const middle = Math.floor((before + notBefore) / 2)
      // Takes the first existing entry from there: some may have been deleted.
      const entry = await firstOf({ log, from: middle, to: notBefore - 1, limit: 1 })
      if (entry && isBefore(entry)) before = entry.sequence
      else notBefore = middle
    }
    const entries = await query({ log, from: before + 1, to: newest.sequence, limit: maxLookedAt })
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
    return (await query(range))[0]?.event
  }

  function isKept({ ttl }: LogEntry): boolean {
    return ttl > now() / 1000
  }

  async function query({ log, from, to, limit, backwards = false }: Range): Promise<readonly LogEntry[]> {
    const { items } = await table.page({
      keys: where`topic = ${log} AND #sequence BETWEEN ${from} AND ${to}`,
      limit,
      backwards,
    })
    return items.map(toLogEntry)
  }
}

/** A range of numbers from 1 on; number 0 is the reservation. */
interface Range {
  readonly log: Topic
  readonly from: number
  readonly to: number
  readonly limit: number
  readonly backwards?: boolean
}
