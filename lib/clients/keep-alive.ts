import { type AttributeMap, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import { ownTopic, type Topic } from '../channels/topic'
import type { OperationId } from '../operations/request'
import { hasExpired } from './items'
import { keepAliveId } from './keys'
import type { OperationHash, Subscriber } from './subscriber'

/**
 * A keep-alive frame is sent to each connection every so many minutes, counted from when it began. API Gateway closes a
 * connection after 10 minutes without traffic ("Quotas for WebSocket APIs").
 */
const everyMinutes = 8

/**
 * The topic that lists the connections due in a minute. It follows from when a connection began, so a keep-alive writes
 * nothing, and only the connections that are due are read.
 */
export function keepAliveTopic(timeMs: number): Topic {
  return ownTopic('keepalive', String(Math.floor(timeMs / 60_000) % everyMinutes))
}

/** Reads the connections that are due in the minute of `timeMs`, page by page, without expired ones. */
export async function* dueConnections(
  timeMs: number,
  { table, now = Date.now }: TableAndClock,
): AsyncGenerator<readonly Subscriber[]> {
  for await (const items of table.pages({ index: 'topic', keys: where`topic = ${keepAliveTopic(timeMs)}` })) {
    yield items.filter((item) => !hasExpired(item, now())).map(toSubscriber)
  }
}

/** Represents the connection as a subscriber: its `operation` is its sub-protocol. */
function toSubscriber(item: AttributeMap): Subscriber {
  const operationId = keepAliveId as OperationId
  return {
    connectionId: textOf(item, 'connectionId'),
    operationId,
    operation: textOf(item, 'operation') as OperationHash,
  }
}
