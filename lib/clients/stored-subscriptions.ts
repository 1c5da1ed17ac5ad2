import * as v from 'valibot'
import { type AttributeMap, fromAttributeMap, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import { type Topic, topicName } from '../channels/topic'
import { isObject, type JsonObject } from '../operations/request'
import { type Announce, announced } from '../presence/changes'
import { deleteIfSame, hasExpired, putIfNewer, readListed, type SharedOperation, subscriptionItems } from './items'
import { subscriptionId, subscriptionKey } from './keys'
import type { Subscriber, SubscriptionRef } from './subscriber'

/** A subscription as its first item stores it. */
export interface StoredSubscription extends Subscriber {
  readonly shared: SharedOperation
  /** Each topic is one item. */
  readonly topics: readonly [Topic, ...Topic[]]
  /** The topic under which the events are logged; undefined on an ephemeral channel. */
  readonly log?: Topic | undefined
  /** Whether it is kept out of the index until its replay is done. Otherwise it receives events in the meantime. */
  readonly held: boolean
  /** Whether its token or its connection has expired: it receives nothing. */
  readonly isExpired: boolean
  /** When API Gateway received its `start`. */
  readonly receivedAtMs: number
  readonly ttl: number
  /** The output of `listedOperation`. */
  readonly listed: string
}

/** The access of publishers to single subscriptions: docs/reference/data-model.md. */
export interface StoredSubscriptions {
  /**
   * Finds a subscription; undefined if it has ended, or has another operation by now. One consistent read: the index
   * may be ahead of a replica.
   */
  find(subscriber: Subscriber): Promise<StoredSubscription | undefined>

  /**
   * Puts a subscription into the index, so that it receives events. As when it is stored, the item of its first topic
   * is decisive.
   *
   * @returns false if the subscription has ended or was replaced
   */
  release(subscription: StoredSubscription): Promise<boolean>

  /** Whether the index lists the subscription yet: DynamoDB updates it shortly after the table. */
  isListed(subscription: SubscriptionRef & Pick<StoredSubscription, 'topics'>): Promise<boolean>

  /**
   * Deletes a subscription, unless it was replaced in the meantime. Idempotent, because the first item is deleted last.
   */
  end(subscription: StoredSubscription): Promise<void>
}

export interface StoredSubscriptionsOptions extends TableAndClock {
  /** Required by `end`. */
  readonly announce?: Announce
}

export function createStoredSubscriptions({
  table,
  announce,
  now = Date.now,
}: StoredSubscriptionsOptions): StoredSubscriptions {
  return {
    async find(subscriber) {
      const item = await table.get(subscriptionKey(subscriber))
      if (!item?.['operation'] || readListed(textOf(item, 'operation')).operation !== subscriber.operation)
        return undefined
      return toStoredSubscription(item, subscriber, now())
    },

    async release(subscription) {
      const { topics, listed, receivedAtMs } = subscription
      const [, ...further] = subscriptionItems(subscription)
      for (const item of further) await putIfNewer(table, item)
      const isSame = where`operation = ${listed} AND receivedAtMs = ${receivedAtMs}`
      // Repeatable, because the subscription may be released before a repeated write of it: that must recognise itself.
      const inIndex = { set: { topic: topics[0] } }
      if (await table.update(subscriptionKey(subscription), inIndex, isSame, { isRepeatable: true })) return true
      for (const item of further) await deleteIfSame(table, item)
      return false
    },

    async isListed({ connectionId, operationId, topics: [first] }) {
      const keys = where`topic = ${first} AND connectionId = ${connectionId}`
      const { items } = await table.page({ index: 'topic', keys })
      return items.some((item) => textOf(item, 'id') === subscriptionId(operationId))
    },

    async end(subscription) {
      const rooms = readListed(subscription.listed).member === undefined ? [] : [subscription.topics[0]]
      const deleteItems = async () => {
        for (const item of subscriptionItems(subscription).toReversed()) await deleteIfSame(table, item)
      }
      await announced(rooms, deleteItems, { announce, now })
    },
  }
}

/** Checks without copying: a copy would drop keys such as `__proto__`, which can be names of variables. */
const variables = v.nullable(v.custom<JsonObject>(isObject))

/** The item of a subscription's first topic. */
const subscriptionItem = v.object({
  callbackUrl: v.string(),
  dialect: v.picklist(['legacy', 'current', 'raw']),
  query: v.string(),
  variables: v.pipe(v.string(), v.parseJson(), variables),
  operationName: v.nullable(v.string()),
  withCursors: v.optional(v.literal(true)),
  topic: v.optional(topicName),
  topics: v.tupleWithRest([topicName], topicName),
  log: v.optional(topicName),
  operation: v.string(),
  receivedAtMs: v.number(),
  ttl: v.number(),
})

function toStoredSubscription(
  item: AttributeMap,
  { connectionId, operationId }: Subscriber,
  nowMs: number,
): StoredSubscription {
  const parsed = v.parse(subscriptionItem, fromAttributeMap(item))
  const { topic, topics, log, operation: listed, receivedAtMs, ttl, callbackUrl, dialect, ...request } = parsed
  const { operation, expiresAtSeconds } = readListed(listed)
  const isExpired = hasExpired(item, nowMs, expiresAtSeconds)
  const stored = { topics, log, receivedAtMs, ttl, listed, held: topic === undefined, isExpired }
  return { connectionId, operationId, operation, shared: { callbackUrl, dialect, request }, ...stored }
}
