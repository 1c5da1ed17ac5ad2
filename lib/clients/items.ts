import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { AttributeMap, Storable } from '../aws/attribute-values'
import { type Expression, where } from '../aws/expression'
import type { Table } from '../aws/table'
import type { Topic } from '../channels/topic'
import { identitySchema } from '../identity'
import type { DialectName } from '../protocol/dialect'
import { subprotocols } from '../protocol/subprotocol'
import type { JsonObject, OperationRequest } from '../operations/request'
import { subscriptionKey } from './keys'
import type { OperationHash, SubscriptionRef } from './subscriber'

/** API Gateway ends every connection after two hours ("Quotas for WebSocket APIs"); that cannot be raised. */
export const maxConnectionSeconds = 2 * 60 * 60

const epochSeconds = v.pipe(v.number(), v.integer())
const epochMs = v.pipe(v.number(), v.integer())

/** The item of a connection. */
export const clientItem = v.object({
  connectionId: v.string(),
  callbackUrl: v.string(),
  connectedAtMs: epochMs,
  ttl: epochSeconds,
  subprotocol: v.optional(v.picklist(subprotocols)),
  acknowledgedAtMs: v.optional(epochMs),
  identity: v.optional(identitySchema),
  session: v.optional(v.string()),
  windowAtSeconds: v.optional(epochSeconds),
  operations: v.optional(v.number()),
})

/** A check, not a copy: a copy would lose the keys that every object has, and those can name variables, too. */
const variablesSchema = v.nullable(
  v.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
)

/** What a subscription asks for, on the item of its first topic. */
export const operationItem = v.object({
  callbackUrl: v.string(),
  dialect: v.picklist(['legacy', 'current', 'raw']),
  query: v.string(),
  variables: v.pipe(v.string(), v.transform(parseVariables)),
  operationName: v.nullable(v.string()),
  withCursors: v.optional(v.literal(true)),
})

/**
 * Variables are stored as their JSON. As a map they would lose what DynamoDB does not take: numbers of more than 38 digits or
 * above 1e126, more than 32 levels ("Service, account, and table quotas").
 */
export function storedVariables(variables: JsonObject | null): string {
  return JSON.stringify(variables)
}

function parseVariables(text: string): JsonObject | null {
  return v.parse(variablesSchema, JSON.parse(text))
}

/** What subscriptions share that are served with one execution and one frame: all but the connection and the id. */
export interface SharedOperation {
  readonly callbackUrl: string
  readonly dialect: DialectName
  readonly request: OperationRequest
}

/**
 * Names what a subscription asks for: equal for those that are served alike wherever they listen to the same, and 22 characters long,
 * since each index entry carries it.
 *
 * @param eventVariables the variables that an event's result depends on
 */
export function operationHash(
  { callbackUrl, dialect, request: { query, operationName, withCursors } }: SharedOperation,
  { topics, eventVariables }: { readonly topics: readonly Topic[]; readonly eventVariables: JsonObject },
): OperationHash {
  const asked = [callbackUrl, dialect, query, eventVariables, operationName, topics]
  const content = JSON.stringify(withCursors ? [...asked, 'withCursors'] : asked)
  return createHash('sha256').update(content).digest().subarray(0, 16).toString('base64url') as OperationHash
}

/** What an entry of the index says beside the keys. A fan-out reads all of it there, and the index's attributes cannot be changed while it is in use. */
export interface Listed {
  /** Empty if the member has departed. */
  readonly operation: OperationHash
  /** Of the client's token, in epoch seconds; Infinity without one. */
  readonly expiresAtSeconds: number
  /** The subscriber as a member of a room, as `memberText` spells it. */
  readonly member?: string | undefined
  /** Whether it is the entry of a member whose connection has ended: no place to deliver to. */
  readonly hasDeparted: boolean
}

/**
 * How an item spells that: `<operation>`, `<operation>@<expiry>` or `<operation>@<expiry>@<member>`, in which the operation of a departed member
 * and the expiry of a client without a token are empty.
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

/** What `listedOperation` has spelled. Neither a hash nor a time has an `@`. */
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

/** An item of a subscription, or of a `stop`: a later message may take its place. */
export interface OrderedItem extends Readonly<Record<string, Storable>> {
  readonly connectionId: string
  readonly id: string
  /** When API Gateway received the message: the order of a connection's messages, whatever order their Lambdas run in. */
  readonly receivedAtMs: number
}

interface ListedSubscription extends SubscriptionRef {
  readonly topics: readonly [Topic, ...Topic[]]
  /** As `listedOperation` spells its operation. */
  readonly listed: string
  readonly ttl: number
  readonly receivedAtMs: number
}

/** The items of a subscription, one for each topic, as the index has them. It is known by the first one, which has more. */
export function subscriptionItems({ topics, listed, ttl, receivedAtMs, ...subscription }: ListedSubscription) {
  const itemOf = (topic: Topic, n: number) => {
    return { ...subscriptionKey(subscription, n), topic, operation: listed, ttl, receivedAtMs }
  }
  const [first, ...further] = topics
  return [itemOf(first, 0), ...further.map((topic, n) => itemOf(topic, n + 1))] as const
}

/**
 * Puts an item, unless a later message has been there. Of two messages that arrived in the same millisecond, a `stop` (an item without an
 * operation) is taken to be the later.
 *
 * @returns the item that was there, as `Table.put` does; undefined if it is newer
 */
export function putIfNewer(table: Table, item: OrderedItem): Promise<AttributeMap | undefined> {
  const { receivedAtMs } = item
  const isOlder = where`receivedAtMs < ${receivedAtMs} OR (receivedAtMs = ${receivedAtMs} AND attribute_exists(operation))`
  return table.put(item, where`attribute_not_exists(id) OR ${isOlder}`)
}

export async function deleteIfSame(table: Table, { connectionId, id, receivedAtMs }: OrderedItem): Promise<void> {
  await table.delete({ connectionId, id }, where`receivedAtMs = ${receivedAtMs}`)
}

/** How many topics, and so how many items, an item that was replaced or deleted stood for. */
export function topicCount({ topics }: AttributeMap): number {
  return topics && 'L' in topics ? topics.L.length : 0
}

/** Everything under a hash key, such as a connection's id. */
export async function itemsUnder(key: string, table: Table, projection?: string): Promise<readonly AttributeMap[]> {
  const items: AttributeMap[] = []
  for await (const page of table.pages({ keys: where`connectionId = ${key}`, projection })) items.push(...page)
  return items
}

/** That nothing that counts stands under a key: DynamoDB deletes what has expired days late. */
export function isFree(nowMs: number): Expression {
  return where`attribute_not_exists(id) OR #ttl <= ${nowMs / 1000}`
}
