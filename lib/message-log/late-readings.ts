import * as v from 'valibot'
import type { DynamoDb } from '../aws/dynamodb'
import type { Topic } from '../operations/topic'
import { numberOf, queryOutput } from './entry'

/**
 * Which events had their subscribers read long after they were logged: by a publisher that another one's death has left it to, or by
 * one that comes to the last pages of a large topic. A client that has left in good order meanwhile is not among those subscribers,
 * and its cut is later than the event. So the publisher says here what it is about to read, and a replay goes back to that.
 */
export interface LateReadings {
  /** Notes that the subscribers of an event are read from now on. Resolves once every replay that begins will see it. */
  note(log: Topic, sequence: number): Promise<void>

  /** The lowest number among the events whose subscribers were read at this time or later; undefined if there is none. */
  firstSince(log: Topic, timeMs: number): Promise<number | undefined>
}

export interface LateReadingsOptions {
  readonly dynamoDb: DynamoDb
  readonly tableName: string
  /** How long a note is kept: as long as the cuts that it may concern. */
  readonly ttlSeconds: number
  /** The clock in epoch milliseconds. */
  readonly now?: () => number
}

/**
 * Subscribers that are read so long after their event was logged, or noted here, are read late. Half of what a cut reaches back at
 * least (`seamMs`), so that clocks may differ by the other half.
 */
export const lateAfterMs = 5_000

/** The note of the n-th event stands under -n in the same log: below everything that a reader of the log asks for. */
export function createLateReadings(options: LateReadingsOptions): LateReadings {
  const { dynamoDb, tableName: TableName, ttlSeconds, now = Date.now } = options

  return {
    async note(log, sequence) {
      const nowMs = now()
      await dynamoDb.call('PutItem', {
        TableName,
        Item: {
          topic: { S: log },
          sequence: { N: String(-sequence) },
          readAtMs: { N: String(nowMs) },
          ttl: { N: String(Math.floor(nowMs / 1000) + ttlSeconds) },
        },
      })
    },

    async firstSince(log, timeMs) {
      let first: number | undefined
      let from: unknown
      do {
        const output = await dynamoDb.call('Query', {
          TableName,
          KeyConditionExpression: 'topic = :topic AND #sequence < :zero',
          ExpressionAttributeNames: { '#sequence': 'sequence' },
          ExpressionAttributeValues: { ':topic': { S: log }, ':zero': { N: '0' } },
          ConsistentRead: true,
          ...(from !== undefined && { ExclusiveStartKey: from }),
        })
        const { Items, LastEvaluatedKey } = v.parse(queryOutput, output)
        // They come with the highest event first, so the last one that counts is the lowest.
        for (const item of Items) {
          if ((numberOf(item, 'readAtMs') ?? 0) >= timeMs) first = -(numberOf(item, 'sequence') ?? 0)
        }
        from = LastEvaluatedKey
      } while (from !== undefined)
      return first
    },
  }
}
