import { setTimeout as sleep } from 'node:timers/promises'
import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

/** `BatchWriteItem` takes at most 25 requests ("Service, account, and table quotas in Amazon DynamoDB"). */
const maxBatch = 25
const maxAttempts = 8

export interface ItemsToDelete {
  readonly documents: DynamoDBDocumentClient
  readonly TableName: string
  readonly keys: readonly Readonly<Record<string, string>>[]
}

/**
 * Deletes items by their keys, in batches. What DynamoDB leaves unprocessed is tried again, with full jitter and ever longer
 * pauses; throws when it still leaves some after eight attempts. Keys without an item are no error.
 */
export async function deleteItems({ documents, TableName, keys }: ItemsToDelete): Promise<void> {
  for (let start = 0; start < keys.length; start += maxBatch) {
    await deleteBatch({ documents, TableName, keys: keys.slice(start, start + maxBatch) })
  }
}

async function deleteBatch({ documents, TableName, keys }: ItemsToDelete): Promise<void> {
  let requests = keys.map((Key) => ({ DeleteRequest: { Key } }))
  for (let attempt = 1; ; attempt++) {
    const { UnprocessedItems } = await documents.send(
      new BatchWriteCommand({ RequestItems: { [TableName]: requests } }),
    )
    const left = UnprocessedItems?.[TableName] ?? []
    if (left.length === 0) return
    if (attempt === maxAttempts)
      throw new Error(`DynamoDB left ${left.length} of ${keys.length} deletions unprocessed.`)
    requests = left as typeof requests
    await sleep(Math.random() * 50 * 2 ** attempt)
  }
}
