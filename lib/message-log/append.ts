import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { conditionFailed, type DynamoDb } from '../aws/dynamodb'
import { fullJitterMs } from '../backoff'
import { numberOf, type Publication, queryOutput } from './entry'

export interface Appender {
  /**
   * Gives an event the next number of its log and keeps it under that. An event whose id is in the log already keeps the number
   * that it has. In a warm process that is one read and one write, whatever the number of subscribers.
   *
   * Several appenders may write to one log at once: docs/data-model.md says why they leave no hole and log nothing twice. Throws an
   * AppendError if others were faster all the time, and an AwsCallError if DynamoDB did not answer; then it may be tried again.
   *
   * @returns the event's number, 1 for the first one of a log, and when it got that
   */
  append(publication: Publication): Promise<Appended>
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

export interface AppenderOptions {
  readonly dynamoDb: DynamoDb
  readonly tableName: string
  /** How long an event is kept. */
  readonly ttlSeconds: number
  /** The clock in epoch milliseconds. */
  readonly now?: () => number
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

export function createAppender(options: AppenderOptions): Appender {
  const { dynamoDb, tableName: TableName, ttlSeconds, now = Date.now, pause = sleep } = options
  const tails = new Map<string, Tail>()

  return {
    async append(publication) {
      const [log] = publication.topics
      if (log === undefined) throw new RangeError('A publication needs a topic.')
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        // The tail is known before the event is looked for: whoever logs the same event after that takes the number that is tried here.
        const tail = unexpired(tails.get(log)) ?? (await readTail(log))
        const appended = (await find(log, publication.event.id)) ?? (await put(log, tail, publication))
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
    const [item] = await query(log, { ScanIndexForward: false, Limit: 1 })
    const sequence = numberOf(item, 'sequence') ?? 0
    return sequence === 0 ? undefined : { sequence, ttl: numberOf(item, 'ttl') ?? 0 }
  }

  /** The number up to which numbers may have been given, though their entries have expired. */
  async function reservedIn(log: string): Promise<number> {
    const [item] = await query(log, { Limit: 1 })
    return numberOf(item, 'sequence') === 0 ? (numberOf(item, 'reserved') ?? 0) : 0
  }

  async function query(log: string, how: { readonly Limit: number; readonly ScanIndexForward?: boolean }) {
    const output = await dynamoDb.call('Query', {
      TableName,
      KeyConditionExpression: 'topic = :topic AND #sequence >= :zero',
      ExpressionAttributeValues: { ':topic': { S: log }, ':zero': { N: '0' } },
      ExpressionAttributeNames: { '#sequence': 'sequence', '#ttl': 'ttl' },
      ProjectionExpression: '#sequence, reserved, #ttl',
      ConsistentRead: true,
      ...how,
    })
    return v.parse(queryOutput, output).Items
  }

  /** What an event that is in the log already has got. */
  async function find(log: string, eventId: string): Promise<Appended | undefined> {
    const output = await dynamoDb.call('Query', {
      TableName,
      IndexName: 'eventId',
      KeyConditionExpression: 'topic = :topic AND eventId = :eventId',
      ExpressionAttributeValues: { ':topic': { S: log }, ':eventId': { S: eventId } },
      ConsistentRead: true,
    })
    const [item] = v.parse(queryOutput, output).Items
    const sequence = numberOf(item, 'sequence')
    return sequence === undefined ? undefined : { sequence, publishedAtMs: numberOf(item, 'publishedAtMs') ?? 0 }
  }

  /** @returns undefined if another event has taken the number */
  async function put(log: string, tail: Tail, { topics, event }: Publication): Promise<Appended | undefined> {
    const publishedAtMs = now()
    const sequence = tail.sequence + 1
    // Never earlier than that of the entry before: so a tail that has not expired is the last one indeed.
    const ttl = Math.max(Math.floor(publishedAtMs / 1000) + ttlSeconds, tail.ttl)
    try {
      await dynamoDb.call('PutItem', {
        TableName,
        Item: {
          topic: { S: log },
          sequence: { N: String(sequence) },
          eventId: { S: event.id },
          event: { S: JSON.stringify(event) },
          topics: { L: topics.map((topic) => ({ S: topic })) },
          publishedAtMs: { N: String(publishedAtMs) },
          ttl: { N: String(ttl) },
        },
        ConditionExpression: 'attribute_not_exists(topic)',
      })
    } catch (error) {
      if (conditionFailed(error)) return undefined
      throw error
    }
    remember(log, { sequence, ttl })
    return { sequence, publishedAtMs }
  }

  /** Keeps the numbers up to the next hundred for this log, so that it goes on above them when all its entries have expired. */
  async function reserve(log: string, first: number): Promise<void> {
    try {
      await dynamoDb.call('UpdateItem', {
        TableName,
        Key: { topic: { S: log }, sequence: { N: '0' } },
        UpdateExpression: 'SET reserved = :reserved, #ttl = :ttl',
        ConditionExpression: 'attribute_not_exists(reserved) OR reserved < :reserved',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':reserved': { N: String(first + reservedAtOnce - 1) },
          ':ttl': { N: String(Math.floor(now() / 1000) + ttlSeconds + reservationSeconds) },
        },
      })
    } catch (error) {
      if (!conditionFailed(error)) throw error
    }
  }

  function remember(log: string, tail: Tail): void {
    const [oldest] = tails.keys()
    if (tails.size >= maxRemembered && oldest !== undefined) tails.delete(oldest)
    tails.set(log, tail)
  }
}

function isFirstReserved(sequence: number): boolean {
  return sequence % reservedAtOnce === 1
}
