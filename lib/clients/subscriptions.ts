import { type AttributeMap, type Storable, textOf } from '../aws/attribute-values'
import { doneBefore, type Table } from '../aws/table'
import type { Topic } from '../channels/topic'
import type { OperationId } from '../operations/request'
import type { Client } from './client'
import { listedOperation, type SharedOperation, storedVariables, topicCount } from './items'
import { furtherPrefix, operationIdOf, subscribedAs, subscriptionId } from './keys'

export interface NewSubscription {
  readonly client: Client
  readonly operationId: OperationId
  /** At least one. */
  readonly topics: readonly Topic[]
  /** The topic under which its events are logged; undefined on a channel without a log. */
  readonly log: Topic | undefined
  /** Whether it is kept out of the index: events reach it when it is released, after a replay. */
  readonly held?: boolean
  readonly shared: SharedOperation
  /** As `operationHash` names what it asks for. */
  readonly operation: string
  /** What becomes of a subscription that has the id already: it is replaced, unless this says `refuse`. */
  readonly whenInUse?: 'replace' | 'refuse'
  /** When API Gateway received the message: the order of a connection's messages, whatever order their Lambdas run in. */
  readonly receivedAtMs: number
}

export interface Unsubscription {
  readonly connectionId: string
  readonly operationId: OperationId
  readonly receivedAtMs: number
}

/** Who subscribed to what. */
export interface Subscriptions {
  /**
   * Stores a subscription under its client, with the client's `ttl`, so that it goes with it even if `$disconnect` has run.
   *
   * The item of the first topic decides: the others are there before it comes, and go if it may not come.
   *
   * @returns nothing is stored if it is `superseded`, because a later message has stopped the id or started it again, or if
   * another subscription has the id and may keep it (`inUse`)
   */
  subscribe(subscription: NewSubscription): Promise<'stored' | 'superseded' | 'inUse'>

  /**
   * Ends a subscription. If it is not there yet, because its `start` is still running, that will find out, unless
   * `maxStops` others are remembered so already. A subscription that began later under the same id stays.
   */
  unsubscribe(unsubscription: Unsubscription): Promise<void>

  /** Whether a subscription of the connection has this id. One read, however many others it has. */
  hasSubscription(connectionId: string, operationId: OperationId): Promise<boolean>
}

/**
 * How long a `stop` that found nothing is remembered. The `start` that it belongs to is still running, and API Gateway gives
 * that 29 s.
 */
const stopRememberedSeconds = 120

export interface SubscriptionsOptions {
  readonly table: Table
  readonly now: () => number
  /** How many stops that found nothing are remembered of a connection. */
  readonly maxStops: number
}

export function createSubscriptions({ table, now, maxStops }: SubscriptionsOptions): Subscriptions {
  return {
    async subscribe(subscription) {
      const { client, operationId, topics, log, shared, operation, receivedAtMs } = subscription
      const { whenInUse = 'replace', held = false } = subscription
      const { connectionId, ttl, identity } = client
      const listed = listedOperation(operation, identity?.expiresAtSeconds)
      const [first, ...further] = topics.map((topic, n) => ({
        connectionId,
        id: subscriptionId(operationId, n),
        topic,
        operation: listed,
        ttl,
        receivedAtMs,
      }))
      if (!first) throw new RangeError('A subscription needs a topic.')
      if (!held) for (const item of further) await putIfNewer(item)
      const deciding = { ...first, ...askedFor(shared), topics, log, ...(held && { topic: undefined }) }
      const old = await (whenInUse === 'replace' ? putIfNewer(deciding) : putIfFree(deciding))
      if (old === 'newer' || old === 'inUse') {
        for (const item of further) await deleteIfSame(item)
        return old === 'inUse' ? old : 'superseded'
      }
      if (old === doneBefore) {
        await deleteFurtherBefore(receivedAtMs, { connectionId, operationId }, await under(connectionId))
      } else await deleteFurther({ connectionId, operationId, from: topics.length, to: topicCount(old) })
      return 'stored'
    },

    async unsubscribe({ connectionId, operationId, receivedAtMs }) {
      const key = { connectionId, id: subscriptionId(operationId) }
      const ended = await table.delete(key, {
        condition: 'attribute_exists(operation) AND receivedAtMs <= :receivedAtMs',
        values: { ':receivedAtMs': receivedAtMs },
      })
      if (ended) return deleteFurther({ connectionId, operationId, from: 1, to: topicCount(ended) })
      const ttl = Math.floor(now() / 1000) + stopRememberedSeconds
      await putIfNewer({ ...key, receivedAtMs, ttl })
      const found = await under(connectionId)
      // An earlier try may have deleted it, whose answer was lost.
      await deleteFurtherBefore(receivedAtMs + 1, { connectionId, operationId }, found)
      await boundStops({ ...key, receivedAtMs }, found)
    },

    hasSubscription: (connectionId, operationId) => isSubscription({ connectionId, id: subscriptionId(operationId) }),
  }

  /** Of two messages that arrived in the same millisecond, a `stop` (an item without an operation) is taken to be the later. */
  async function putIfNewer(item: OrderedItem): Promise<'newer' | AttributeMap> {
    const old = await table.put(item, {
      condition:
        'attribute_not_exists(id) OR receivedAtMs < :receivedAtMs OR (receivedAtMs = :receivedAtMs AND attribute_exists(operation))',
      values: { ':receivedAtMs': item.receivedAtMs },
    })
    return old ?? 'newer'
  }

  /** Takes the place of no subscription, only of an earlier `stop`. */
  async function putIfFree(item: OrderedItem): Promise<'newer' | 'inUse' | AttributeMap> {
    const old = await table.put(item, {
      condition: 'attribute_not_exists(id) OR (attribute_not_exists(operation) AND receivedAtMs < :receivedAtMs)',
      values: { ':receivedAtMs': item.receivedAtMs },
    })
    return old ?? ((await isSubscription(item)) ? 'inUse' : 'newer')
  }

  async function isSubscription({ connectionId, id }: Pick<OrderedItem, 'connectionId' | 'id'>): Promise<boolean> {
    const item = await table.get({ connectionId, id })
    return item?.['operation'] !== undefined
  }

  async function deleteIfSame({ connectionId, id, receivedAtMs }: OrderedItem): Promise<void> {
    const write = { condition: 'receivedAtMs = :receivedAtMs', values: { ':receivedAtMs': receivedAtMs } }
    await table.delete({ connectionId, id }, write)
  }

  /** Deletes the items of further topics that a subscription has from messages before a time, where nothing says how many they are. */
  async function deleteFurtherBefore(
    timeMs: number,
    { connectionId, operationId }: Pick<Unsubscription, 'connectionId' | 'operationId'>,
    found: readonly Found[],
  ): Promise<void> {
    const write = { condition: 'receivedAtMs < :timeMs', values: { ':timeMs': timeMs } }
    const ids = found.map(({ id }) => id).filter((id) => id.startsWith(furtherPrefix))
    for (const id of ids) if (operationIdOf(id) === operationId) await table.delete({ connectionId, id }, write)
  }

  /**
   * Deletes the stops of a connection that have expired, which DynamoDB does days late, and the one that was just left if there are too many:
   * a client can send any number that find nothing. Each is counted after it was left, so those that come at once are bounded, too.
   */
  async function boundStops(left: OrderedItem, found: readonly Found[]): Promise<void> {
    const stops = found.filter(({ id, isStarted }) => subscribedAs(id) !== undefined && !isStarted)
    const nowSeconds = now() / 1000
    const expired = stops.filter(({ ttl }) => ttl <= nowSeconds)
    const write = {
      condition: 'attribute_not_exists(operation) AND #ttl <= :seconds',
      names: { '#ttl': 'ttl' },
      values: { ':seconds': nowSeconds },
    }
    for (const { id } of expired) await table.delete({ connectionId: left.connectionId, id }, write)
    if (stops.length - expired.length <= maxStops) return
    const { connectionId, id, receivedAtMs } = left
    const isIt = 'attribute_not_exists(operation) AND receivedAtMs = :receivedAtMs'
    await table.delete({ connectionId, id }, { condition: isIt, values: { ':receivedAtMs': receivedAtMs } })
  }

  /** What stands under a connection. */
  async function under(connectionId: string): Promise<readonly Found[]> {
    const pages = table.pages({
      keys: 'connectionId = :connectionId',
      values: { ':connectionId': connectionId },
      names: { '#ttl': 'ttl' },
      projection: 'id, operation, #ttl',
    })
    const found: Found[] = []
    for await (const items of pages) {
      for (const item of items) {
        const isStarted = item['operation'] !== undefined
        found.push({ id: textOf(item, 'id'), isStarted, ttl: Number(textOf(item, 'ttl')) })
      }
    }
    return found
  }

  function deleteFurther({ connectionId, operationId, from, to }: FurtherItems): Promise<void> {
    const keys = []
    for (let n = from; n < to; n++) keys.push({ connectionId, id: subscriptionId(operationId, n) })
    return table.deleteAll(keys)
  }
}

/** An item whose place a later message may take. */
interface OrderedItem extends Readonly<Record<string, Storable>> {
  readonly connectionId: string
  readonly id: string
  readonly receivedAtMs: number
}

/** An item under a connection. A subscription that is not started is a `stop` that found nothing. */
interface Found {
  readonly id: string
  readonly isStarted: boolean
  /** Epoch seconds. */
  readonly ttl: number
}

interface FurtherItems {
  readonly connectionId: string
  readonly operationId: OperationId
  readonly from: number
  readonly to: number
}

/** What a subscription asks for, as its item has it. */
function askedFor({ callbackUrl, dialect, request: { variables, ...request } }: SharedOperation) {
  return { callbackUrl, dialect, ...request, variables: storedVariables(variables) }
}
