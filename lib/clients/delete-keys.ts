import * as v from 'valibot'
import type { DynamoDb } from '../aws/dynamodb'
import type { AttributeMap } from './attribute-values'
import { deleteItems } from './delete-items'

const output = v.object({
  UnprocessedItems: v.optional(
    v.record(v.string(), v.array(v.object({ DeleteRequest: v.object({ Key: v.custom<AttributeMap>(isObject) }) }))),
    {},
  ),
})

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** Deletes items of a table by their keys, 25 at once, as `deleteItems` does. */
export function keysDeleter({ dynamoDb, tableName }: { dynamoDb: DynamoDb; tableName: string }) {
  const deleteBatch = async (keys: readonly AttributeMap[]): Promise<readonly AttributeMap[]> => {
    const requests = keys.map((Key) => ({ DeleteRequest: { Key } }))
    const answer = await dynamoDb.call('BatchWriteItem', { RequestItems: { [tableName]: requests } })
    return v.parse(output, answer).UnprocessedItems[tableName]?.map(({ DeleteRequest }) => DeleteRequest.Key) ?? []
  }
  return (keys: readonly AttributeMap[]): Promise<void> => deleteItems({ keys, deleteBatch })
}
