import * as v from 'valibot'
import { conditionFailed, type DynamoDb } from '../aws/dynamodb'
import type { Topic } from '../operations/topic'
import type { OperationId } from '../protocol/client-message'
import { type AttributeMap, fromAttributeMap, textOf } from './attribute-values'
import { keysDeleter } from './delete-keys'
import { operationItem, type SharedOperation } from './items'
import { operationIdOf, subscriptionId } from './keys'

/** One place to deliver an event to. */
export interface Subscriber {
  readonly connectionId: string
  readonly operationId: OperationId
  /** Names what the subscription asks for: equal for subscribers that are served alike. */
  readonly operation: string
}

/** Where the next page of a topic begins: DynamoDB's own word, to be handed back as it is. */
export type PageKey = Readonly<Record<string, unknown>>

/** Subscribers of a topic, as many as DynamoDB gives at once (1 MB, some 10,000). */
export interface SubscriberPage {
  readonly subscribers: readonly Subscriber[]
  /** Those among them that have outlived their token, or their connection: nothing is for them, and `endIfExpired` is to end them. */
  readonly expired: readonly Subscriber[]
  /** Absent on the last page. */
  readonly next: PageKey | undefined
}

/** What a fan-out reads and deletes of the clients table: docs/data-model.md. */
export interface Subscribers {
  /** One page of a topic's subscribers, and apart from them those that have expired; the first if `from` is left out. */
  page(topic: Topic, from?: PageKey): Promise<SubscriberPage>

  /** What a subscriber asks for; undefined if it has unsubscribed since it was found, or asks for something else. */
  operationOf(subscriber: Subscriber): Promise<SharedOperation | undefined>

  /**
   * Deletes a subscription that has expired, unless it has begun anew meanwhile. One conditional write decides, so of several
   * publishers that come upon it one is told what it was.
   *
   * @returns undefined if it is not there any more, or has not expired
   */
  endIfExpired(subscriber: Subscriber): Promise<SharedOperation | undefined>
}

/** @param now the clock in epoch milliseconds: DynamoDB deletes what has expired days late, so every read compares */
export function createSubscribers({
  dynamoDb,
  tableName: TableName,
  now = Date.now,
}: {
  dynamoDb: DynamoDb
  tableName: string
  now?: () => number
}): Subscribers {
  const deleteKeys = keysDeleter({ dynamoDb, tableName: TableName })

  return {
    async page(topic, from) {
      const output = await dynamoDb.call('Query', {
        TableName,
        IndexName: 'topic',
        KeyConditionExpression: 'topic = :topic',
        ExpressionAttributeValues: { ':topic': { S: topic } },
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ProjectionExpression: 'connectionId, id, operation, #ttl',
        ...(from && { ExclusiveStartKey: from }),
      })
      const { Items, LastEvaluatedKey: next } = v.parse(queryOutput, output)
      const nowSeconds = now() / 1000
      const subscribers: Subscriber[] = []
      const expired: Subscriber[] = []
      for (const item of Items) {
        const subscriber = toSubscriber(item)
        if (subscriber) (Number(textOf(item, 'ttl')) <= nowSeconds ? expired : subscribers).push(subscriber)
      }
      return { subscribers, expired, next }
    },

    async operationOf({ connectionId, operationId, operation }) {
      const Key = { connectionId: { S: connectionId }, id: { S: subscriptionId(operationId) } }
      // The index may be ahead of a replica of the table, so the read is consistent: one for each operation, not subscriber.
      const output = await dynamoDb.call('GetItem', { TableName, Key, ConsistentRead: true })
      const { Item } = v.parse(getItemOutput, output)
      // What the client asks for under this id may be another thing by now, and others wait for the first.
      if (Item?.['topic'] === undefined || textOf(Item, 'operation') !== operation) return undefined
      return toSharedOperation(Item)
    },

    async endIfExpired({ connectionId, operationId }) {
      try {
        const output = await dynamoDb.call('DeleteItem', {
          TableName,
          Key: { connectionId: { S: connectionId }, id: { S: subscriptionId(operationId) } },
          ConditionExpression: '#ttl <= :seconds AND attribute_exists(topic)',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: { ':seconds': { N: String(now() / 1000) } },
          ReturnValues: 'ALL_OLD',
        })
        const { Attributes } = v.parse(deleteItemOutput, output)
        const keys: AttributeMap[] = []
        for (let n = 1; n < topicCount(Attributes); n++) {
          keys.push({ connectionId: { S: connectionId }, id: { S: subscriptionId(operationId, n) } })
        }
        await deleteKeys(keys)
        return toSharedOperation(Attributes)
      } catch (error) {
        if (conditionFailed(error)) return undefined
        throw error
      }
    },
  }
}

const attributes = v.custom<AttributeMap>((value) => typeof value === 'object' && value !== null)
const queryOutput = v.object({
  Items: v.optional(v.array(attributes), []),
  LastEvaluatedKey: v.optional(v.record(v.string(), v.unknown())),
})
const getItemOutput = v.object({ Item: v.optional(attributes) })
const deleteItemOutput = v.object({ Attributes: attributes })
function topicCount({ topics }: AttributeMap): number {
  return topics && 'L' in topics ? topics.L.length : 0
}

/** Read by hand, since a fan-out reads thousands of these. */
function toSubscriber(item: AttributeMap): Subscriber | undefined {
  const operationId = operationIdOf(textOf(item, 'id'))
  if (operationId === undefined) return undefined
  return { connectionId: textOf(item, 'connectionId'), operationId, operation: textOf(item, 'operation') }
}

function toSharedOperation(item: AttributeMap): SharedOperation {
  const { callbackUrl, dialect, ...request } = v.parse(operationItem, fromAttributeMap(item))
  return { callbackUrl, dialect, request }
}
