import { setTimeout as sleep } from 'node:timers/promises'
import { where } from '../aws/expression'
import type { Query, TableAndClock } from '../aws/table'
import { fullJitterMs } from '../backoff'
import { remember } from '../remember'
import { numberOf, type LogDraft } from './entry'

export interface Appender {
  /**
   * Gives an event the next number of its log and keeps it under that. An event whose id is in the log already keeps the number
   * that it has. In a warm process that is one read and one write, whatever the number of subscribers.
   *
   * Several appenders may write to one log at once: docs/explanation/delivery-and-recovery.md says why they leave no hole and log nothing twice. Throws an
   * AppendError if others were faster all the time, and an AwsCallError if DynamoDB did not answer; then it may be tried again.
   *
   * @returns the event's number, 1 for the first one of a log, and when it got that
   */
  append(draft: LogDraft): Promise<Appended>
}

export interface Appended {
  readonly sequence: number
  /** In epoch milliseconds. */
  readonly publishedAtMs: number
}

/** Others have appended to the log each time that this event was to be. */
export class AppendError extends Error {
  override readonly name = 'AppendError'
}

export interface AppenderOptions extends TableAndClock {
  /** How long an event is kept. */
  readonly ttlSeconds: number
  /** Waits between tries. */
  readonly pause?: (ms: number) => Promise<unknown>
}

/** The newest entry of a log. */
interface Tail {
  readonly sequence: number
  readonly ttl: number
}

const maxAttempts = 30

/** So many logs are remembered: a tail that is forgotten costs a read. */
const maxRemembered = 1_000

/** Numbers that one reservation stands for: a hundredth of a write for each event. */
const reservedAtOnce = 100

/** A log that has been silent for so long may begin again with 1: nobody can have come from it. */
const reservationSeconds = 365 * 24 * 60 * 60

export function createAppender({ table, ttlSeconds, now = Date.now, pause = sleep }: AppenderOptions): Appender {
  const tails = new Map<string, Tail>()

  return {
    async append(draft) {
      const [log] = draft.topics
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        // The tail is known before the event is looked for: whoever logs the same event after that takes the number that is tried here.
        const tail = unexpired(tails.get(log)) ?? (await readTail(log))
        const appended = (await find(log, draft.id)) ?? (await put(log, tail, draft))
        if (appended) {
          if (isFirstReserved(appended.sequence)) await reserve(log, appended.sequence)
          return appended
        }
        tails.delete(log)
        await pause(fullJitterMs({ attempt, baseMs: 20, maxMs: 2_000 }))
      }
      throw new AppendError(`Others were faster ${maxAttempts} times to append to the log "${log}".`)
    },
  }

  /** The entry after which the next one comes. What has expired may be deleted in any order, so it is not counted by. */
  async function readTail(log: string): Promise<Tail> {
    const tail = unexpired(await newest(log))
    if (tail) return tail
    const sequence = await reservedIn(log)
    // Read once more: who has reserved a hundred had put its first entry before.
    return unexpired(await newest(log)) ?? { sequence, ttl: 0 }
  }

  function unexpired(tail: Tail | undefined): Tail | undefined {
    return tail && tail.ttl > now() / 1000 ? tail : undefined
  }

  async function newest(log: string): Promise<Tail | undefined> {
    const item = await firstOf({ ...itemsOf(log), backwards: true })
    const sequence = numberOf(item, 'sequence') ?? 0
    return sequence === 0 ? undefined : { sequence, ttl: numberOf(item, 'ttl') ?? 0 }
  }

  /** The number up to which numbers may have been given, though their entries have expired. */
  async function reservedIn(log: string): Promise<number> {
    const item = await firstOf(itemsOf(log))
    return numberOf(item, 'sequence') === 0 ? (numberOf(item, 'reserved') ?? 0) : 0
  }

  /** What an event that is in the log already has got. */
  async function find(log: string, eventId: string): Promise<Appended | undefined> {
    const { items } = await table.page({
      index: 'eventId',
      consistent: true, // it is a local index
      keys: where`topic = ${log} AND eventId = ${eventId}`,
    })
    const [item] = items
    const sequence = numberOf(item, 'sequence')
    return sequence === undefined ? undefined : { sequence, publishedAtMs: numberOf(item, 'publishedAtMs') ?? 0 }
  }

  async function firstOf(query: Query) {
    const { items } = await table.page({ ...query, limit: 1 })
    return items[0]
  }

  /** @returns undefined if another event has taken the number */
  async function put(
    log: string,
    tail: Tail,
    { topics, id, data, completion }: LogDraft,
  ): Promise<Appended | undefined> {
    const publishedAtMs = now()
    const sequence = tail.sequence + 1
    // Never earlier than that of the entry before: so a tail that has not expired is the last one indeed.
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

  /** Keeps the numbers up to the next hundred for this log, so that it goes on above them when all its entries have expired. */
  async function reserve(log: string, first: number): Promise<void> {
    const reserved = first + reservedAtOnce - 1
    const ttl = Math.floor(now() / 1000) + ttlSeconds + reservationSeconds
    const isMore = where`attribute_not_exists(reserved) OR reserved < ${reserved}`
    await table.update({ topic: log, sequence: 0 }, { set: { reserved, ttl } }, isMore)
  }
}

/** The entries of a log, and below them its reservation. */
function itemsOf(log: string): Query {
  return {
    keys: where`topic = ${log} AND #sequence >= ${0}`,
    projection: '#sequence, reserved, #ttl',
  }
}

function isFirstReserved(sequence: number): boolean {
  return sequence % reservedAtOnce === 1
}
