import { setTimeout as sleep } from 'node:timers/promises'
import { numberOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import { fullJitterMs } from '../backoff'
import { remember } from '../remember'
import type { LogDraft } from './entry'

export interface Appender {
  /**
   * Appends an event to its log under the next number. If the log already contains the event's id, the event keeps its
   * existing number. In a warm process this takes one read and one write, whatever the number of subscribers.
   *
   * Concurrent appenders are safe: docs/explanation/delivery-and-recovery.md explains why they leave no gap and log
   * nothing twice. Throws an Error if other appenders won every race, and an AwsCallError if DynamoDB failed. Both may
   * be retried.
   *
   * @returns the event's number, starting at 1, and the time at which it was logged
   */
  append(draft: LogDraft): Promise<Appended>
}

export interface Appended {
  readonly sequence: number
  /** In epoch milliseconds. */
  readonly publishedAtMs: number
}

export interface AppenderOptions extends TableAndClock {
  /** How long an event is kept. */
  readonly ttlSeconds: number
  /** Waits between attempts. */
  readonly pause?: (ms: number) => Promise<unknown>
}

/** The newest entry of a log. */
interface Tail {
  readonly sequence: number
  readonly ttl: number
}

const maxAttempts = 30

/** Maximum number of cached tails. An evicted tail costs a read. */
const maxRemembered = 1_000

/** Numbers per reservation: it adds 1/100 write per event. */
const reservedAtOnce = 100

/** After this time without events, a log may start at 1 again: no client can resume from it. */
const reservationSeconds = 365 * 24 * 60 * 60

export function createAppender({ table, ttlSeconds, now = Date.now, pause = sleep }: AppenderOptions): Appender {
  const tails = new Map<string, Tail>()

  return {
    async append(draft) {
      const [log] = draft.topics
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        // The order matters: the tail is read before the search for the event. If another appender logs the same event
        // in between, it takes the number that is tried here.
        const tail = unexpired(tails.get(log)) ?? (await readTail(log))
        const appended = (await find(log, draft.id)) ?? (await put(log, tail, draft))
        if (appended) {
          if (isFirstReserved(appended.sequence)) await reserve(log, appended.sequence)
          return appended
        }
        tails.delete(log)
        await pause(fullJitterMs({ attempt, baseMs: 20, maxMs: 2_000 }))
      }
      throw new Error(
        `Could not append to the log "${log}": other events took the next number ${maxAttempts} times in a row.`,
      )
    },
  }

  /** The entry after which to append. Expired entries do not count, because DynamoDB deletes them in any order. */
  async function readTail(log: string): Promise<Tail> {
    const tail = unexpired(await newest(log))
    if (tail) return tail
    const sequence = await reservedIn(log)
    // Read again: a reservation is written after the first entry that it covers.
    return unexpired(await newest(log)) ?? { sequence, ttl: 0 }
  }

  function unexpired(tail: Tail | undefined): Tail | undefined {
    return tail && tail.ttl > now() / 1000 ? tail : undefined
  }

  async function newest(log: string): Promise<Tail | undefined> {
    const { items } = await table.page({
      keys: where`topic = ${log} AND #sequence > ${0}`,
      projection: '#sequence, #ttl',
      backwards: true,
      limit: 1,
    })
    const sequence = numberOf(items[0], 'sequence')
    return sequence === undefined ? undefined : { sequence, ttl: numberOf(items[0], 'ttl') ?? 0 }
  }

  /** The highest number that may have been used, although its entry has expired. Number 0 holds it. */
  async function reservedIn(log: string): Promise<number> {
    return numberOf(await table.get({ topic: log, sequence: 0 }), 'reserved') ?? 0
  }

  /** Finds an event that is already in the log. */
  async function find(log: string, eventId: string): Promise<Appended | undefined> {
    const { items } = await table.page({
      index: 'eventId',
      consistent: true, // a local index
      keys: where`topic = ${log} AND eventId = ${eventId}`,
    })
    const [item] = items
    const sequence = numberOf(item, 'sequence')
    return sequence === undefined ? undefined : { sequence, publishedAtMs: numberOf(item, 'publishedAtMs') ?? 0 }
  }

  /** @returns undefined if another event has taken the number */
  async function put(
    log: string,
    tail: Tail,
    { topics, id, data, completion }: LogDraft,
  ): Promise<Appended | undefined> {
    const publishedAtMs = now()
    const sequence = tail.sequence + 1
    // Never lower than the previous entry's: so a tail that has not expired really is the last entry.
    const ttl = Math.max(Math.floor(publishedAtMs / 1000) + ttlSeconds, tail.ttl)
    const entry = {
      eventId: id,
      event: JSON.stringify(data),
      topics,
      publishedAtMs,
      ttl,
      completedAtMs: completion?.atMs,
    }
    const stored = await table.put({ topic: log, sequence, ...entry }, where`attribute_not_exists(topic)`)
    if (!stored) return undefined
    remember(tails, log, { sequence, ttl }, maxRemembered)
    return { sequence, publishedAtMs }
  }

  /**
   * Reserves the numbers up to the next hundred, so that the log continues above them after all its entries have
   * expired.
   */
  async function reserve(log: string, first: number): Promise<void> {
    const reserved = first + reservedAtOnce - 1
    const ttl = Math.floor(now() / 1000) + ttlSeconds + reservationSeconds
    const isMore = where`attribute_not_exists(reserved) OR reserved < ${reserved}`
    await table.update({ topic: log, sequence: 0 }, { set: { reserved, ttl } }, isMore)
  }
}

function isFirstReserved(sequence: number): boolean {
  return sequence % reservedAtOnce === 1
}
