import { ownTopic, type Topic } from '../channels/topic'
import type { OperationId } from '../operations/request'
import type { SubscriptionRef } from './subscriber'

/**
 * The keys of the clients table. The hash key `connectionId` is API Gateway's; this is how the range key `id` is spelled. Each
 * kind of item has a prefix of its own, so that whatever id a client gives its operation, it meets no other kind.
 */
export const clientId = 'client'

export function clientKey(connectionId: string) {
  return { connectionId, id: clientId }
}

/** The topic under which the index has a user's connections: the items of clients, among which no subscription is. */
export function connectionsTopic(subject: string): Topic {
  return ownTopic('connections', subject)
}

/** The range key of the item by which a connection is found when it is its turn to be kept open. */
export const keepAliveId = 'keepalive'

/** The hash key of what is kept of a session. API Gateway's ids are Base64, so none has this in front. */
export function sessionKey(session: string): string {
  return `session#${session}`
}

/** The key of the item that tells which connection holds a session. */
export function holderKey(session: string) {
  return { connectionId: sessionKey(session), id: 'holder' }
}

/** The key of what everyone in a room was sent last, and of who reads it next. API Gateway's ids are Base64, so none has this in front. */
export function roomKey(topic: Topic, id: 'state' | 'turn') {
  return { connectionId: `room#${topic}`, id }
}

const cursorPrefix = 'cursor#'

/** The range key of the item that tells where a subscription has to go on, under its session, or under a connection that has none. */
export function cursorId(operationId: OperationId): string {
  return cursorPrefix + operationId
}

/** The operation id in the range key of a cursor; undefined if it is the key of something else. */
export function cursorOf(id: string): OperationId | undefined {
  return id.startsWith(cursorPrefix) ? (id.slice(cursorPrefix.length) as OperationId) : undefined
}

const subscriptionPrefix = 'subscription#'
/** What the range keys of the items of further topics begin with. */
export const furtherPrefix = 'further#'

/**
 * The range key of a subscription's item for its n-th topic. The first also holds what the subscription asks for, and is
 * the one that a subscription is known by.
 */
export function subscriptionId(operationId: OperationId, n = 0): string {
  return n === 0 ? subscriptionPrefix + operationId : `${furtherPrefix}${n}#${operationId}`
}

/** The key of a subscription's item for its n-th topic. */
export function subscriptionKey({ connectionId, operationId }: SubscriptionRef, n = 0) {
  return { connectionId, id: subscriptionId(operationId, n) }
}

/** The operation id in the range key that a subscription is known by; undefined if it is the key of something else. */
export function subscribedAs(id: string): OperationId | undefined {
  return id.startsWith(subscriptionPrefix) ? operationIdOf(id) : undefined
}

/** The operation id in the range key of a subscription's item; undefined if it is the key of something else. */
export function operationIdOf(id: string): OperationId | undefined {
  if (id.startsWith(subscriptionPrefix)) return id.slice(subscriptionPrefix.length) as OperationId
  if (id.startsWith(furtherPrefix)) return id.slice(id.indexOf('#', furtherPrefix.length) + 1) as OperationId
  return undefined
}
