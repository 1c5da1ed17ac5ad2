import * as v from 'valibot'
import { conditionFailed, type DynamoDb } from '../aws/dynamodb'
import type { Topic } from '../operations/topic'
import { type AttributeMap, fromAttributeMap, textOf } from './attribute-values'
import { operationItem, type SharedOperation } from './items'
import { subscriptionId } from './keys'
import type { Subscriber } from './subscribers'

/** A subscription that is to be given what it missed. */
export interface HeldSubscription extends Subscriber {
  readonly shared: SharedOperation
  readonly topics: readonly [Topic, ...Topic[]]
  /** The topic that names the log of its events. */
  readonly log: Topic
  /** Whether it is kept out of the index until it has what it missed. If not, events reach it meanwhile. */
  readonly held: boolean
  /** Whether a replay that it was stored for has not been finished. */
  readonly replaying: boolean
  readonly receivedAtMs: number
  readonly ttl: number
}

/** What a replay reads and writes of the clients table: docs/data-model.md. */
export interface HeldSubscriptions {
  /** Undefined if it has ended, or asks for something else by now. */
  find(subscriber: Subscriber): Promise<HeldSubscription | undefined>

  /**
   * Puts a subscription into the index, so that events reach it. The item of its first topic decides, as when it is stored.
   *
   * @returns false if it has ended, or begun anew
   */
  release(subscription: HeldSubscription): Promise<boolean>

  /** Notes that the replay that it was stored for is finished. */
  finish(subscription: HeldSubscription): Promise<void>

  /** Whether the index has it already: DynamoDB writes that a moment after the table. */
  isListed(subscription: HeldSubscription): Promise<boolean>
}

export interface HeldSubscriptionsOptions {
  readonly dynamoDb: DynamoDb
  readonly tableName: string
  /** The clock in epoch milliseconds. */
  readonly now?: () => number
}

const topicName = v.custom<Topic>((value) => typeof value === 'string')

const heldItem = v.object({
  topic: v.optional(topicName),
  topics: v.tupleWithRest([topicName], topicName),
  log: topicName,
  replaying: v.optional(v.boolean(), false),
  operation: v.string(),
  receivedAtMs: v.number(),
  ttl: v.number(),
})

export function createHeldSubscriptions(options: HeldSubscriptionsOptions): HeldSubscriptions {
  const { dynamoDb, tableName: TableName, now = Date.now } = options

  return {
    async find({ connectionId, operationId, operation }) {
      const Key = keyOf({ connectionId, operationId })
      const output = await dynamoDb.call('GetItem', { TableName, Key, ConsistentRead: true })
      const { Item } = v.parse(getItemOutput, output)
      if (!Item || !('operation' in Item)) return undefined
      const values = fromAttributeMap(Item)
      const { topic, ...item } = v.parse(heldItem, values)
      if (item.operation !== operation || item.ttl <= now() / 1000) return undefined
      const { callbackUrl, dialect, ...request } = v.parse(operationItem, values)
      const shared = { callbackUrl, dialect, request }
      return { connectionId, operationId, ...item, held: topic === undefined, shared }
    },

    async release(subscription) {
      const { topics, ...rest } = subscription
      const [first, ...further] = topics.map((topic, n) => ({ ...keyOf(subscription, n), ...indexed(rest, topic) }))
      for (const item of further) await unlessNewer('PutItem', { Item: item }, subscription)
      const released = await settled('UpdateItem', {
        Key: keyOf(subscription),
        UpdateExpression: 'SET topic = :topic',
        ConditionExpression: 'operation = :operation AND receivedAtMs = :receivedAtMs',
        ExpressionAttributeValues: {
          ':topic': first?.topic,
          ':operation': { S: subscription.operation },
          ':receivedAtMs': { N: String(subscription.receivedAtMs) },
        },
      })
      if (!released) {
        for (const [index] of further.entries()) {
          await unlessNewer('DeleteItem', { Key: keyOf(subscription, index + 1) }, subscription)
        }
      }
      return released
    },

    async finish(subscription) {
      await settled('UpdateItem', {
        Key: keyOf(subscription),
        UpdateExpression: 'REMOVE replaying',
        ConditionExpression: 'receivedAtMs = :receivedAtMs',
        ExpressionAttributeValues: { ':receivedAtMs': { N: String(subscription.receivedAtMs) } },
      })
    },

    async isListed({ connectionId, operationId, topics: [first] }) {
      const output = await dynamoDb.call('Query', {
        TableName,
        IndexName: 'topic',
        KeyConditionExpression: 'topic = :topic AND connectionId = :connectionId',
        ExpressionAttributeValues: { ':topic': { S: first }, ':connectionId': { S: connectionId } },
      })
      return v.parse(queryOutput, output).Items.some((item) => textOf(item, 'id') === subscriptionId(operationId))
    },
  }

  /** Writes an item of a further topic, but does not touch that of a subscription that has begun later under the same id. */
  async function unlessNewer(operation: 'PutItem' | 'DeleteItem', what: object, { receivedAtMs }: HeldSubscription) {
    await settled(operation, {
      ...what,
      ConditionExpression: 'attribute_not_exists(id) OR receivedAtMs <= :receivedAtMs',
      ExpressionAttributeValues: { ':receivedAtMs': { N: String(receivedAtMs) } },
    })
  }

  /** @returns whether the condition of the write was met */
  async function settled(operation: 'PutItem' | 'UpdateItem' | 'DeleteItem', input: object): Promise<boolean> {
    try {
      await dynamoDb.call(operation, { TableName, ...input })
      return true
    } catch (error) {
      if (!conditionFailed(error)) throw error
      return false
    }
  }
}

function keyOf({ connectionId, operationId }: Pick<Subscriber, 'connectionId' | 'operationId'>, n = 0) {
  return { connectionId: { S: connectionId }, id: { S: subscriptionId(operationId, n) } }
}

function indexed({ operation, ttl, receivedAtMs }: Omit<HeldSubscription, 'topics'>, topic: Topic) {
  return {
    topic: { S: topic },
    operation: { S: operation },
    ttl: { N: String(ttl) },
    receivedAtMs: { N: String(receivedAtMs) },
  }
}

const attributes = v.custom<AttributeMap>((value) => typeof value === 'object' && value !== null)
const getItemOutput = v.object({ Item: v.optional(attributes) })
const queryOutput = v.object({ Items: v.optional(v.array(attributes), []) })
