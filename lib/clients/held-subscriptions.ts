import * as v from 'valibot'
import { fromAttributeMap, textOf } from '../aws/attribute-values'
import type { Table } from '../aws/table'
import type { Topic } from '../channels/topic'
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
  readonly table: Table
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

export function createHeldSubscriptions({ table, now = Date.now }: HeldSubscriptionsOptions): HeldSubscriptions {
  return {
    async find({ connectionId, operationId, operation }) {
      const found = await table.get(keyOf({ connectionId, operationId }))
      if (!found?.['operation']) return undefined
      const values = fromAttributeMap(found)
      const { topic, ...item } = v.parse(heldItem, values)
      if (item.operation !== operation || item.ttl <= now() / 1000) return undefined
      const { callbackUrl, dialect, ...request } = v.parse(operationItem, values)
      const shared = { callbackUrl, dialect, request }
      return { connectionId, operationId, ...item, held: topic === undefined, shared }
    },

    async release(subscription) {
      const { topics, operation, receivedAtMs, ttl } = subscription
      const [topic, ...further] = topics
      for (const [index, name] of further.entries()) {
        const item = { ...keyOf(subscription, index + 1), topic: name, operation, ttl, receivedAtMs }
        await table.put(item, unlessNewer(subscription))
      }
      const released = await table.update(
        keyOf(subscription),
        { set: { topic }, remove: ['initialDue'] },
        {
          condition: 'operation = :operation AND receivedAtMs = :receivedAtMs',
          values: { ':operation': operation, ':receivedAtMs': receivedAtMs },
        },
      )
      if (released) return true
      for (const index of further.keys()) await table.delete(keyOf(subscription, index + 1), unlessNewer(subscription))
      return false
    },

    async finish(subscription) {
      const { receivedAtMs } = subscription
      const write = { condition: 'receivedAtMs = :receivedAtMs', values: { ':receivedAtMs': receivedAtMs } }
      await table.update(keyOf(subscription), { remove: ['replaying'] }, write)
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
