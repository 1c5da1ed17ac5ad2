import { type AttributeMap, numberOf, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import { doneBefore, type TableAndClock } from '../aws/table'
import type { Topic } from '../channels/topic'
import type { OperationId } from '../operations/request'
import { type Announce, announced } from '../presence/changes'
import { membershipOf } from '../presence/departure'
import type { Client } from './client'
import {
  deleteIfSame,
  hasExpired,
  itemsUnder,
  listedOperation,
  type OrderedItem,
  putIfNewer,
  type SharedOperation,
  subscriptionItems,
  topicsOf,
} from './items'
import { operationIdOf, subscribedAs, subscriptionId, subscriptionKey } from './keys'
import type { OperationHash, SubscriptionRef } from './subscriber'

export interface NewSubscription {
  readonly client: Client
  readonly operationId: OperationId
  readonly topics: readonly [Topic, ...Topic[]]
  /** The topic under which the events are logged; undefined on an ephemeral channel. */
  readonly log: Topic | undefined
  /** Whether it is kept out of the index. It receives events once it is released, after a replay. */
  readonly held?: boolean
  readonly shared: SharedOperation
  readonly operation: OperationHash
  /** The output of `memberText` if the subscription is a membership of its room. */
  readonly member?: string | undefined
  /** As in `OrderedItem`. */
  readonly receivedAtMs: number
}

export interface Unsubscription extends SubscriptionRef {
  readonly receivedAtMs: number
}

/** The subscriptions of clients. */
export interface Subscriptions {
  /**
   * Stores a subscription under its client, with the client's `ttl`, so that it expires even if `$disconnect` has
   * already run. It replaces an earlier one with the same id, except in the current protocol, which allows no second
   * one.
   *
   * The item of the first topic is decisive: the others are put before it, and deleted if it is rejected. If it joins a
   * room, this is announced first.
   *
   * @returns `superseded` if a later message has stopped or restarted the id, `inUse` if another subscription keeps the
   * id; nothing is then stored
   */
  subscribe(subscription: NewSubscription): Promise<'stored' | 'superseded' | 'inUse'>

  /**
   * Ends a subscription. If its `start` is still running, the item of this `stop` tells it to store nothing, unless
   * `maxStops` such items exist already. A subscription that began later under the same id is kept.
   */
  unsubscribe(unsubscription: Unsubscription): Promise<void>

  /** Whether the connection has a subscription with this id. One read, whatever the number of its subscriptions. */
  hasSubscription(subscription: SubscriptionRef): Promise<boolean>
}

/**
 * How long the item of a `stop` without a subscription is kept. Its `start` is still running, for at most 29 s, the
 * integration timeout of API Gateway.
 */
const stopRememberedSeconds = 120

/** Number of items that are deleted concurrently. If all were, some would wait too long for a socket to DynamoDB. */
const deletedAtOnce = 10

export interface SubscriptionsOptions extends TableAndClock {
  /** Maximum number of items of stops without a subscription, per connection. Default: 200. */
  readonly maxStops?: number
  /** Undefined if the API has no presence channel. */
  readonly announce?: Announce | undefined
}

export function createSubscriptions({
  table,
  now = Date.now,
  maxStops = 200,
  announce,
}: SubscriptionsOptions): Subscriptions {
  return {
    subscribe(subscription) {
      const { member, topics } = subscription
      return announced(member === undefined ? [] : [topics[0]], () => put(subscription), { announce, now })
    },

    async unsubscribe({ receivedAtMs, ...subscription }) {
      const key = subscriptionKey(subscription)
      const isMeant = where`attribute_exists(operation) AND receivedAtMs <= ${receivedAtMs}`
      const ended = await announced(await roomsLeft(key), () => table.delete(key, isMeant), { announce, now })
      if (ended) return deleteUpTo(receivedAtMs, keysOf(subscription, ended).slice(1))
      const stop = { ...key, receivedAtMs, ttl: Math.floor(now() / 1000) + stopRememberedSeconds }
      await putIfNewer(table, stop)
      const found = await under(subscription.connectionId)
      // An earlier attempt may have deleted it and lost the response.
      await deleteUpTo(receivedAtMs, furtherAmong(found, subscription))
      await boundStops(stop, found)
    },

    hasSubscription,
  }

  /** Stores a subscription without announcing that it joins a room. */
  async function put(subscription: NewSubscription): ReturnType<Subscriptions['subscribe']> {
    const { client, operationId, topics, log, shared, operation, member, receivedAtMs, held } = subscription
    const { connectionId, ttl, identity } = client
    const ref = { connectionId, operationId }
    const listed = listedOperation(operation, { expiresAtSeconds: identity?.expiresAtSeconds, member })
    const [first, ...further] = subscriptionItems({ ...ref, topics, listed, ttl, receivedAtMs })
    if (!held) for (const item of further) await putIfNewer(table, item)
    const deciding = { ...first, ...askedFor(shared), topics, log, ...(held && { topic: undefined }) }
    const mustBeFree = shared.dialect === 'current'
    const old = await (mustBeFree ? putIfFree(deciding) : putIfNewer(table, deciding))
    if (!old) {
      for (const item of further) await deleteIfSame(table, item)
      return mustBeFree && (await hasSubscription(ref)) ? 'inUse' : 'superseded'
    }
    const left = membershipOf(old)
    if (left && left.topic !== first.topic) await announce?.(left.topic)
    // `doneBefore` does not show what was replaced: then everything older is surplus.
    const surplus =
      old === doneBefore
        ? furtherAmong(await under(connectionId), ref)
        : keysOf(ref, old).slice(held ? 1 : topics.length)
    await deleteUpTo(numberOf(old, 'receivedAtMs') ?? receivedAtMs - 1, surplus)
    return 'stored'
  }

  /** The room that the end of a subscription leaves, if any. APIs without rooms skip the read. */
  async function roomsLeft(key: ItemKey): Promise<readonly Topic[]> {
    const left = announce && membershipOf((await table.get(key)) ?? {})
    return left ? [left.topic] : []
  }

  async function hasSubscription(subscription: SubscriptionRef): Promise<boolean> {
    return (await table.get(subscriptionKey(subscription)))?.['operation'] !== undefined
  }

  /** Puts an item in place of an earlier `stop`, never of a subscription. */
  function putIfFree(item: OrderedItem): Promise<AttributeMap | undefined> {
    const isEarlierStop = where`attribute_not_exists(operation) AND receivedAtMs < ${item.receivedAtMs}`
    return table.put(item, where`attribute_not_exists(id) OR (${isEarlierStop})`)
  }

  /**
   * Deletes items for further topics, except those of a later message: a subscription with the same id may have been
   * stored in the meantime.
   */
  async function deleteUpTo(receivedAtMs: number, keys: readonly ItemKey[]): Promise<void> {
    const isMeant = where`receivedAtMs <= ${receivedAtMs}`
    for (let start = 0; start < keys.length; start += deletedAtOnce) {
      const some = keys.slice(start, start + deletedAtOnce)
      await Promise.all(some.map((key) => table.delete(key, isMeant)))
    }
  }

  /**
   * Deletes the expired stops of a connection, because DynamoDB does so days late, and the newest one if there are too
   * many. Without the limit, a client could store any number of them. Stops are counted after each put, so concurrent
   * ones are bounded too.
   */
  async function boundStops(newest: OrderedItem, found: readonly AttributeMap[]): Promise<void> {
    const stops = found.filter((item) => subscribedAs(textOf(item, 'id')) !== undefined && !item['operation'])
    const nowMs = now()
    const expired = stops.filter((item) => hasExpired(item, nowMs))
    const isExpired = where`attribute_not_exists(operation) AND #ttl <= ${nowMs / 1000}`
    const { connectionId, id, receivedAtMs } = newest
    for (const item of expired) await table.delete({ connectionId, id: textOf(item, 'id') }, isExpired)
    if (stops.length - expired.length <= maxStops) return
    const isNewest = where`attribute_not_exists(operation) AND receivedAtMs = ${receivedAtMs}`
    await table.delete({ connectionId, id }, isNewest)
  }

  function under(connectionId: string): Promise<readonly AttributeMap[]> {
    return itemsUnder(connectionId, table, 'id, operation, #ttl')
  }
}

type ItemKey = ReturnType<typeof subscriptionKey>

/** The keys of all items of a subscription, given the first one. */
function keysOf(subscription: SubscriptionRef, first: AttributeMap): readonly ItemKey[] {
  return topicsOf(first).map((_topic, n) => subscriptionKey(subscription, n))
}

/** The keys of the items for further topics of all subscriptions with this id, among the items of its connection. */
function furtherAmong(
  found: readonly AttributeMap[],
  { connectionId, operationId }: SubscriptionRef,
): readonly ItemKey[] {
  const ids = found.map((item) => textOf(item, 'id'))
  const further = ids.filter((id) => operationIdOf(id) === operationId && id !== subscriptionId(operationId))
  return further.map((id) => ({ connectionId, id }))
}

/**
 * The attributes that store a subscription's operation. Variables are JSON: a DynamoDB map would not hold numbers with
 * more than 38 digits or above 1e126, or more than 32 levels ("Service, account, and table quotas").
 */
function askedFor({ callbackUrl, dialect, request: { variables, ...request } }: SharedOperation) {
  return { callbackUrl, dialect, ...request, variables: JSON.stringify(variables) }
}
