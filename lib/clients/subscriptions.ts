import { type AttributeMap, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import { doneBefore, type TableAndClock } from '../aws/table'
import type { Topic } from '../channels/topic'
import type { OperationId } from '../operations/request'
import type { Announce } from '../presence/changes'
import { membershipOf } from '../presence/departure'
import type { Client } from './client'
import {
  deleteIfSame,
  itemsUnder,
  listedOperation,
  type OrderedItem,
  putIfNewer,
  type SharedOperation,
  storedVariables,
  subscriptionItems,
  topicCount,
} from './items'
import { furtherPrefix, operationIdOf, subscribedAs, subscriptionKey } from './keys'
import type { OperationHash, SubscriptionRef } from './subscriber'

export interface NewSubscription {
  readonly client: Client
  readonly operationId: OperationId
  readonly topics: readonly [Topic, ...Topic[]]
  /** The topic under which its events are logged; undefined on a channel without a log. */
  readonly log: Topic | undefined
  /** Whether it is kept out of the index: events reach it when it is released, after a replay. */
  readonly held?: boolean
  readonly shared: SharedOperation
  readonly operation: OperationHash
  /** What makes it a membership of the room that it listens to, as `memberText` spells it. */
  readonly member?: string | undefined
  /** What becomes of a subscription that has the id already: it is replaced, unless this says `refuse`. */
  readonly whenInUse?: 'replace' | 'refuse'
  /** As of `OrderedItem`. */
  readonly receivedAtMs: number
}

export interface Unsubscription extends SubscriptionRef {
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
  hasSubscription(subscription: SubscriptionRef): Promise<boolean>
}

/**
 * How long a `stop` that found nothing is remembered. The `start` that it belongs to is still running, and API Gateway gives
 * that 29 s.
 */
const stopRememberedSeconds = 120

export interface SubscriptionsOptions extends TableAndClock {
  /** How many stops that found nothing are remembered of a connection; 200 if left out. */
  readonly maxStops?: number
  /** Left out where there are no rooms to leave. */
  readonly announce?: Announce | undefined
}

export function createSubscriptions({
  table,
  now = Date.now,
  maxStops = 200,
  announce,
}: SubscriptionsOptions): Subscriptions {
  return {
    async subscribe(subscription) {
      const { client, operationId, topics, log, shared, operation, member, receivedAtMs, whenInUse, held } =
        subscription
      const { connectionId, ttl, identity } = client
      const ref = { connectionId, operationId }
      const listed = listedOperation(operation, { expiresAtSeconds: identity?.expiresAtSeconds, member })
      const [first, ...further] = subscriptionItems({ ...ref, topics, listed, ttl, receivedAtMs })
      if (!held) for (const item of further) await putIfNewer(table, item)
      const deciding = { ...first, ...askedFor(shared), topics, log, ...(held && { topic: undefined }) }
      const old = await (whenInUse === 'refuse' ? putIfFree(deciding) : putIfNewer(table, deciding))
      if (!old) {
        for (const item of further) await deleteIfSame(table, item)
        return whenInUse === 'refuse' && (await hasSubscription(ref)) ? 'inUse' : 'superseded'
      }
      const left = membershipOf(old)
      if (left && left.topic !== first.topic) await announce?.(left.topic)
      if (old === doneBefore) await deleteFurtherBefore(receivedAtMs, ref, await under(connectionId))
      else await deleteFurther(ref, { from: topics.length, to: topicCount(old) })
      return 'stored'
    },

    async unsubscribe({ receivedAtMs, ...subscription }) {
      const key = subscriptionKey(subscription)
      await announceEnd(key)
      const isMeant = where`attribute_exists(operation) AND receivedAtMs <= ${receivedAtMs}`
      const ended = await table.delete(key, isMeant)
      if (ended) return deleteFurther(subscription, { from: 1, to: topicCount(ended) })
      const stop = { ...key, receivedAtMs, ttl: Math.floor(now() / 1000) + stopRememberedSeconds }
      await putIfNewer(table, stop)
      const found = await under(subscription.connectionId)
      // An earlier try may have deleted it, whose answer was lost.
      await deleteFurtherBefore(receivedAtMs + 1, subscription, found)
      await boundStops(stop, found)
    },

    hasSubscription,
  }

  /** Where there are rooms, whether it is one that is left has to be known before it is. */
  async function announceEnd(key: ReturnType<typeof subscriptionKey>): Promise<void> {
    if (!announce) return
    const left = membershipOf((await table.get(key)) ?? {})
    if (left) await announce(left.topic)
  }

  async function hasSubscription(subscription: SubscriptionRef): Promise<boolean> {
    return (await table.get(subscriptionKey(subscription)))?.['operation'] !== undefined
  }

  /** Takes the place of no subscription, only of an earlier `stop`. */
  function putIfFree(item: OrderedItem): Promise<AttributeMap | undefined> {
    const isEarlierStop = where`attribute_not_exists(operation) AND receivedAtMs < ${item.receivedAtMs}`
    return table.put(item, where`attribute_not_exists(id) OR (${isEarlierStop})`)
  }

  /** Deletes the items of further topics that a subscription has from messages before a time, where nothing says how many they are. */
  async function deleteFurtherBefore(
    timeMs: number,
    { connectionId, operationId }: SubscriptionRef,
    found: readonly AttributeMap[],
  ): Promise<void> {
    const ids = found.map((item) => textOf(item, 'id')).filter((id) => id.startsWith(furtherPrefix))
    for (const id of ids) {
      if (operationIdOf(id) === operationId) await table.delete({ connectionId, id }, where`receivedAtMs < ${timeMs}`)
    }
  }

  /**
   * Deletes the stops of a connection that have expired, which DynamoDB does days late, and the newest one if there are too many:
   * a client can send any number that find nothing. Each is counted after it was put, so those that come at once are bounded, too.
   */
  async function boundStops(newest: OrderedItem, found: readonly AttributeMap[]): Promise<void> {
    const stops = found.filter((item) => subscribedAs(textOf(item, 'id')) !== undefined && !item['operation'])
    const nowSeconds = now() / 1000
    const expired = stops.filter((item) => Number(textOf(item, 'ttl')) <= nowSeconds)
    const isExpired = where`attribute_not_exists(operation) AND #ttl <= ${nowSeconds}`
    const { connectionId, id, receivedAtMs } = newest
    for (const item of expired) await table.delete({ connectionId, id: textOf(item, 'id') }, isExpired)
    if (stops.length - expired.length <= maxStops) return
    const isNewest = where`attribute_not_exists(operation) AND receivedAtMs = ${receivedAtMs}`
    await table.delete({ connectionId, id }, isNewest)
  }

  function under(connectionId: string): Promise<readonly AttributeMap[]> {
    return itemsUnder(connectionId, table, 'id, operation, #ttl')
  }

  function deleteFurther(subscription: SubscriptionRef, { from, to }: { from: number; to: number }): Promise<void> {
    const keys = []
    for (let n = from; n < to; n++) keys.push(subscriptionKey(subscription, n))
    return table.deleteAll(keys)
  }
}

/** What a subscription asks for, as its item has it. */
function askedFor({ callbackUrl, dialect, request: { variables, ...request } }: SharedOperation) {
  return { callbackUrl, dialect, ...request, variables: storedVariables(variables) }
}
