import * as v from 'valibot'
import { type AttributeMap, fromAttributeMap, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import type { Topic } from '../channels/topic'
import type { Announce } from '../presence/changes'
import { deleteIfSame, operationItem, putIfNewer, readListed, type SharedOperation, subscriptionItems } from './items'
import { subscriptionId, subscriptionKey } from './keys'
import type { Subscriber, SubscriptionRef } from './subscriber'

/** A subscription, as the item that it is known by has it. */
export interface StoredSubscription extends Subscriber {
  readonly shared: SharedOperation
  /** One item each. */
  readonly topics: readonly [Topic, ...Topic[]]
  /** The topic that names the log of its events; undefined on a channel without a log. */
  readonly log?: Topic | undefined
  /** Whether it is kept out of the index until it has what it missed. If not, events reach it meanwhile. */
  readonly held: boolean
  /** Whether it has outlived its token, or its connection: nothing is for it. */
  readonly isExpired: boolean
  /** When API Gateway received its `start`. */
  readonly receivedAtMs: number
  readonly ttl: number
  /** As `listedOperation` spells its operation. */
  readonly listed: string
}

/** What publishers read and write of one subscription: docs/reference/data-model.md. */
export interface StoredSubscriptions {
  /** Undefined if it has ended, or asks for something else by now. One consistent read: the index may be ahead of a replica. */
  find(subscriber: Subscriber): Promise<StoredSubscription | undefined>

  /**
   * Puts a subscription into the index, so that events reach it. The item of its first topic decides, as when it is stored.
   *
   * @returns false if it has ended, or begun anew
   */
  release(subscription: StoredSubscription): Promise<boolean>

  /** Whether the index has it already: DynamoDB writes that a moment after the table. */
  isListed(subscription: SubscriptionRef & Pick<StoredSubscription, 'topics'>): Promise<boolean>

  /**
   * Deletes a subscription, unless it has begun anew meanwhile. The item that it is known by goes last, so this may be repeated if it was
   * done in part.
   */
  end(subscription: StoredSubscription): Promise<void>
}

export interface StoredSubscriptionsOptions extends TableAndClock {
  /** Left out where none is ended. */
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
      if (await table.update(subscriptionKey(subscription), { set: { topic: topics[0] } }, isSame)) return true
      for (const item of further) await deleteIfSame(table, item)
      return false
    },

    async isListed({ connectionId, operationId, topics: [first] }) {
      const keys = where`topic = ${first} AND connectionId = ${connectionId}`
      const { items } = await table.page({ index: 'topic', keys })
      return items.some((item) => textOf(item, 'id') === subscriptionId(operationId))
    },

    async end(subscription) {
      if (readListed(subscription.listed).member !== undefined) await announce?.(subscription.topics[0])
      for (const item of subscriptionItems(subscription).toReversed()) await deleteIfSame(table, item)
    },
  }
}

const topicName = v.custom<Topic>((value) => typeof value === 'string')

const subscriptionItem = v.object({
  ...operationItem.entries,
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
  const isExpired = Math.min(ttl, expiresAtSeconds) <= nowMs / 1000
  const stored = { topics, log, receivedAtMs, ttl, listed, held: topic === undefined, isExpired }
  return { connectionId, operationId, operation, shared: { callbackUrl, dialect, request }, ...stored }
}
