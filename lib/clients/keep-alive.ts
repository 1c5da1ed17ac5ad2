import { type AttributeMap, textOf } from '../aws/attribute-values'
import { where } from '../aws/expression'
import type { TableAndClock } from '../aws/table'
import { ownTopic, type Topic } from '../channels/topic'
import type { OperationId } from '../operations/request'
import { keepAliveId } from './keys'
import type { OperationHash, Subscriber } from './subscriber'

/**
 * A connection is sent something every so many minutes, counted from when it began. API Gateway ends one on which there is nothing
 * for ten ("Quotas for WebSocket APIs").
 */
const everyMinutes = 8

/**
 * The topic under which the index has the connections whose turn it is in a minute. A connection's turn follows from when it began, so
 * nothing is written when it comes, and only those whose turn it is are read.
 */
export function keepAliveTopic(timeMs: number): Topic {
  return ownTopic('keepalive', String(Math.floor(timeMs / 60_000) % everyMinutes))
}

/** Reads the connections whose turn it is in the minute of a time, page by page, without those that have expired. */
export async function* dueConnections(
  timeMs: number,
  { table, now = Date.now }: TableAndClock,
): AsyncGenerator<readonly Subscriber[]> {
  for await (const items of table.pages({ index: 'topic', keys: where`topic = ${keepAliveTopic(timeMs)}` })) {
    yield items.filter((item) => Number(textOf(item, 'ttl')) > now() / 1000).map(toSubscriber)
  }
}

/** As if the connection had subscribed to it: its `operation` is the protocol that it speaks. */
function toSubscriber(item: AttributeMap): Subscriber {
  const operationId = keepAliveId as OperationId
  return {
    connectionId: textOf(item, 'connectionId'),
    operationId,
    operation: textOf(item, 'operation') as OperationHash,
  }
}
