import * as v from 'valibot'
import type { DynamoDb } from '../aws/dynamodb'
import { type Topic, topic } from '../operations/topic'
import type { OperationId } from '../protocol/client-message'
import { type AttributeMap, textOf } from './attribute-values'
import { keepAliveId } from './keys'
import type { Subscriber } from './subscribers'

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
  return topic('keepalive', String(Math.floor(timeMs / 60_000) % everyMinutes))
}

/** Reads the connections whose turn it is in the minute of a time, page by page, without those that have expired. */
export async function* dueConnections(
  timeMs: number,
  { dynamoDb, tableName: TableName, now = Date.now }: { dynamoDb: DynamoDb; tableName: string; now?: () => number },
): AsyncGenerator<readonly Subscriber[]> {
  let from: unknown
  do {
    const output = await dynamoDb.call('Query', {
      TableName,
      IndexName: 'topic',
      KeyConditionExpression: 'topic = :topic',
      ExpressionAttributeValues: { ':topic': { S: keepAliveTopic(timeMs) } },
      ...(from !== undefined && { ExclusiveStartKey: from }),
    })
    const { Items, LastEvaluatedKey } = v.parse(queryOutput, output)
    yield Items.filter((item) => Number(textOf(item, 'ttl')) > now() / 1000).map(toSubscriber)
    from = LastEvaluatedKey
  } while (from !== undefined)
}

const queryOutput = v.object({
  Items: v.optional(v.array(v.custom<AttributeMap>((item) => typeof item === 'object' && item !== null)), []),
  LastEvaluatedKey: v.optional(v.unknown()),
})

/** As if the connection had subscribed to it: its `operation` is the protocol that it speaks. */
function toSubscriber(item: AttributeMap): Subscriber {
  const operationId = keepAliveId as OperationId
  return { connectionId: textOf(item, 'connectionId'), operationId, operation: textOf(item, 'operation') }
}
