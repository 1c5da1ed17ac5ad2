import * as v from 'valibot'
import { fromAttributeMap, textOf } from '../aws/attribute-values'
import type { Table } from '../aws/table'
import type { Topic } from '../channels/topic'
import { operationItem, readListed, type SharedOperation } from './items'
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
  /** Whether it has outlived its token, or its connection: nothing is for it. */
  readonly isExpired: boolean
  readonly receivedAtMs: number
  readonly ttl: number
  /** As `listedOperation` spells it. */
  readonly listed: string
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

  /** Whether the index has it already: DynamoDB writes that a moment after the table. */
  isListed(subscription: HeldSubscription): Promise<boolean>
}

export interface HeldSubscriptionsOptions {
  readonly table: Table
  /** The clock in epoch milliseconds. */
  readonly now?: () => number
}

const topicName = v.custom<Topic>((value) => typeof value === 'string')

const heldItem = v.object({
  topic: v.optional(topicName),
  topics: v.tupleWithRest([topicName], topicName),
  log: topicName,
  operation: v.string(),
  receivedAtMs: v.number(),
  ttl: v.number(),
})

export function createHeldSubscriptions({ table, now = Date.now }: HeldSubscriptionsOptions): HeldSubscriptions {
  return {
    async find({ connectionId, operationId, operation }) {
      const found = await table.get(keyOf({ connectionId, operationId }))
      if (!found?.['operation']) return undefined
      const values = fromAttributeMap(found)
      const { topic, operation: listed, ...item } = v.parse(heldItem, values)
      const asked = readListed(listed)
      if (asked.operation !== operation) return undefined
      const isExpired = Math.min(item.ttl, asked.expiresAtSeconds) <= now() / 1000
      const { callbackUrl, dialect, ...request } = v.parse(operationItem, values)
      const shared = { callbackUrl, dialect, request }
      return { connectionId, operationId, operation, ...item, listed, held: topic === undefined, isExpired, shared }
    },

    async release(subscription) {
      const { topics, listed, receivedAtMs, ttl } = subscription
      const [topic, ...further] = topics
      for (const [index, name] of further.entries()) {
        const item = { ...keyOf(subscription, index + 1), topic: name, operation: listed, ttl, receivedAtMs }
        await table.put(item, unlessNewer(subscription))
      }
      const released = await table.update(
        keyOf(subscription),
        { set: { topic } },
        {
          condition: 'operation = :listed AND receivedAtMs = :receivedAtMs',
          values: { ':listed': listed, ':receivedAtMs': receivedAtMs },
        },
      )
      if (released) return true
      for (const index of further.keys()) await table.delete(keyOf(subscription, index + 1), unlessNewer(subscription))
      return false
    },

    async isListed({ connectionId, operationId, topics: [first] }) {
      const { items } = await table.page({
        index: 'topic',
        keys: 'topic = :topic AND connectionId = :connectionId',
        values: { ':topic': first, ':connectionId': connectionId },
      })
      return items.some((item) => textOf(item, 'id') === subscriptionId(operationId))
    },
  }
}

/** An item of a further topic that belongs to a subscription which has begun later under the same id is not touched. */
function unlessNewer({ receivedAtMs }: HeldSubscription) {
  return {
    condition: 'attribute_not_exists(id) OR receivedAtMs <= :receivedAtMs',
    values: { ':receivedAtMs': receivedAtMs },
  }
}

function keyOf({ connectionId, operationId }: Pick<Subscriber, 'connectionId' | 'operationId'>, n = 0) {
  return { connectionId, id: subscriptionId(operationId, n) }
}
