import { ownTopic, type Topic } from '../channels/topic'
import type { OperationId } from '../operations/request'
import type { SubscriptionRef } from './subscriber'

/**
 * The keys of the clients table. The hash key `connectionId` is the id of a connection, or names a session or a room
 * with a prefix, which no connection id has: those are Base64. In the range key `id`, each kind of item has its own
 * prefix, so an operation id, which the client chooses, cannot collide with another kind.
 */
export const clientId = 'client'

export function clientKey(connectionId: string) {
  return { connectionId, id: clientId }
}

/** The topic that lists the connections of a user: items of clients, never of subscriptions. */
export function connectionsTopic(subject: string): Topic {
  return ownTopic('connections', subject)
}

/** The range key of the item that lists a connection for its keep-alive. */
export const keepAliveId = 'keepalive'

/** The hash key of a session's items. */
export function sessionKey(session: string): string {
  return `session#${session}`
}

/** The key of the item that stores which connection holds a session. */
export function holderKey(session: string) {
  return { connectionId: sessionKey(session), id: 'holder' }
}

/** The keys of a room's items: the last state that was sent to its members, and the turn to read it. */
export function roomKey(topic: Topic, id: 'state' | 'turn') {
  return { connectionId: `room#${topic}`, id }
}

const cursorPrefix = 'cursor#'

/** The range key of a subscription's cursor, under its session, or under a connection without one. */
export function cursorId(operationId: OperationId): string {
  return cursorPrefix + operationId
}

/** The operation id in the range key of a cursor; undefined for any other range key. */
export function cursorOf(id: string): OperationId | undefined {
  return id.startsWith(cursorPrefix) ? (id.slice(cursorPrefix.length) as OperationId) : undefined
}

const subscriptionPrefix = 'subscription#'
/** The prefix of the range keys of items for further topics. */
const furtherPrefix = 'further#'

/**
 * The range key of a subscription's item for its n-th topic. The first item (n = 0) also stores the operation and
 * identifies the subscription.
 */
export function subscriptionId(operationId: OperationId, n = 0): string {
  return n === 0 ? subscriptionPrefix + operationId : `${furtherPrefix}${n}#${operationId}`
}

/** The key of a subscription's item for its n-th topic. */
export function subscriptionKey({ connectionId, operationId }: SubscriptionRef, n = 0) {
  return { connectionId, id: subscriptionId(operationId, n) }
}

/** The operation id in the range key of a subscription's first item; undefined for any other range key. */
export function subscribedAs(id: string): OperationId | undefined {
  return id.startsWith(subscriptionPrefix) ? operationIdOf(id) : undefined
}

/** The operation id in the range key of any item of a subscription; undefined for any other range key. */
export function operationIdOf(id: string): OperationId | undefined {
  if (id.startsWith(subscriptionPrefix)) return id.slice(subscriptionPrefix.length) as OperationId
  if (id.startsWith(furtherPrefix)) return id.slice(id.indexOf('#', furtherPrefix.length) + 1) as OperationId
  return undefined
}
