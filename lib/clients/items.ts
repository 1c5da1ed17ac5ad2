import { type AttributeMap, type Storable, textOf } from '../aws/attribute-values'
import { type Expression, where } from '../aws/expression'
import type { Table } from '../aws/table'
import type { Topic } from '../channels/topic'
import type { DialectName } from '../protocol/dialect'
import type { JsonObject, OperationRequest } from '../operations/request'
import { shortHash } from '../short-hash'
import { subscriptionKey } from './keys'
import type { OperationHash, SubscriptionRef } from './subscriber'

/** API Gateway closes every connection after two hours ("Quotas for WebSocket APIs"). The quota cannot be raised. */
export const maxConnectionSeconds = 2 * 60 * 60

/**
 * What subscriptions share that are served by one execution and one frame: everything except the connection and the id.
 */
export interface SharedOperation {
  readonly callbackUrl: string
  readonly dialect: DialectName
  readonly request: OperationRequest
}

/**
 * Hashes an operation. Subscriptions with the same hash can share one execution and one frame. The hash has 22
 * characters, because each index entry carries it.
 *
 * @param eventVariables the variables that the result of an event depends on
 */
export function operationHash(
  { callbackUrl, dialect, request: { query, operationName, withCursors } }: SharedOperation,
  { topics, eventVariables }: { readonly topics: readonly Topic[]; readonly eventVariables: JsonObject },
): OperationHash {
  const asked = [callbackUrl, dialect, query, eventVariables, operationName, topics]
  return shortHash(withCursors ? [...asked, 'withCursors'] : asked) as OperationHash
}

/**
 * The content of an index entry besides its keys. A fan-out reads all of it from the index, to which no attribute can
 * be added while it is in use.
 */
export interface Listed {
  /** Empty if the member has departed. */
  readonly operation: OperationHash
  /** Of the client's token, in epoch seconds; Infinity without one. */
  readonly expiresAtSeconds: number
  /** The subscriber as a member of a room: the output of `memberText`. */
  readonly member?: string | undefined
  /** Whether it is the entry of a member whose connection has ended: no place to deliver to. */
  readonly hasDeparted: boolean
}

/**
 * Encodes an entry: `<operation>`, `<operation>@<expiry>` or `<operation>@<expiry>@<member>`. The operation of a
 * departed member and the expiry of a client without a token are empty.
 */
export function listedOperation(
  operation: OperationHash | undefined,
  {
    expiresAtSeconds,
    member,
  }: { readonly expiresAtSeconds?: number | undefined; readonly member?: string | undefined },
): string {
  const parts = [operation ?? '', expiresAtSeconds ?? '', member].slice(
    0,
    member !== undefined ? 3 : expiresAtSeconds ? 2 : 1,
  )
  return parts.join('@')
}

/** Parses the output of `listedOperation`. Neither a hash nor a time contains an `@`. */
export function readListed(text: string): Listed {
  const end = text.indexOf('@')
  if (end === -1) return { operation: text as OperationHash, expiresAtSeconds: Infinity, hasDeparted: false }
  const memberAt = text.indexOf('@', end + 1)
  const expiry = text.slice(end + 1, memberAt === -1 ? undefined : memberAt)
  return {
    operation: text.slice(0, end) as OperationHash,
    expiresAtSeconds: expiry === '' ? Infinity : Number(expiry),
    ...(memberAt !== -1 && { member: text.slice(memberAt + 1) }),
    hasDeparted: end === 0,
  }
}

/** An item of a subscription or of a `stop`. A later message may replace it. */
export interface OrderedItem extends Readonly<Record<string, Storable>> {
  readonly connectionId: string
  readonly id: string
  /**
   * When API Gateway received the message. It orders the messages of a connection, whatever order their Lambdas run in.
   */
  readonly receivedAtMs: number
}

interface ListedSubscription extends SubscriptionRef {
  readonly topics: readonly [Topic, ...Topic[]]
  /** The output of `listedOperation`. */
  readonly listed: string
  readonly ttl: number
  readonly receivedAtMs: number
}

/**
 * The items of a subscription, one per topic, with the attributes in the index. The first item identifies the
 * subscription and has further attributes.
 */
export function subscriptionItems({ topics, listed, ttl, receivedAtMs, ...subscription }: ListedSubscription) {
  const itemOf = (topic: Topic, n: number) => {
    return { ...subscriptionKey(subscription, n), topic, operation: listed, ttl, receivedAtMs }
  }
  const [first, ...further] = topics
  return [itemOf(first, 0), ...further.map((topic, n) => itemOf(topic, n + 1))] as const
}

/**
 * Puts an item unless a later message has written it. If both messages arrived in the same millisecond, a `stop` (an
 * item without an operation) counts as the later one.
 *
 * @returns the replaced item, like `Table.put`; undefined if the stored item is newer
 */
export function putIfNewer(table: Table, item: OrderedItem): Promise<AttributeMap | undefined> {
  const { receivedAtMs } = item
  const isOlder = where`receivedAtMs < ${receivedAtMs} OR (receivedAtMs = ${receivedAtMs} AND attribute_exists(operation))`
  return table.put(item, where`attribute_not_exists(id) OR ${isOlder}`)
}

export async function deleteIfSame(table: Table, { connectionId, id, receivedAtMs }: OrderedItem): Promise<void> {
  await table.delete({ connectionId, id }, where`receivedAtMs = ${receivedAtMs}`)
}

/** The topics of the subscription that an item identifies; empty for any other item. Each topic has an item. */
export function topicsOf({ topics }: AttributeMap): readonly string[] {
  return topics && 'L' in topics ? topics.L.flatMap((topic) => ('S' in topic ? [topic.S] : [])) : []
}

/** All items under a hash key, such as a connection's id. */
export async function itemsUnder(key: string, table: Table, projection?: string): Promise<readonly AttributeMap[]> {
  const items: AttributeMap[] = []
  for await (const page of table.pages({ keys: where`connectionId = ${key}`, projection })) items.push(...page)
  return items
}

/**
 * Whether an item no longer counts, because it or its client's token has expired. DynamoDB deletes expired items days
 * late, and none because of a token.
 */
export function hasExpired(item: AttributeMap, nowMs: number, tokenExpiresAtSeconds = Infinity): boolean {
  return Math.min(Number(textOf(item, 'ttl')), tokenExpiresAtSeconds) <= nowMs / 1000
}

/** Holds if there is no item under the key, or only an expired one. */
export function isFree(nowMs: number): Expression {
  return where`attribute_not_exists(id) OR #ttl <= ${nowMs / 1000}`
}
