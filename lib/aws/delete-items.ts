import { setTimeout as sleep } from 'node:timers/promises'
import { fullJitterMs } from '../backoff'
import { AwsCallError } from '../errors'
import type { Pause } from './call'

/** `BatchWriteItem` takes at most 25 requests ("Service, account, and table quotas in Amazon DynamoDB"). */
const maxBatch = 25
const maxAttempts = 8

export interface ItemsToDelete<Key> {
  readonly keys: readonly Key[]
  /** Calls `BatchWriteItem`. Resolves with the keys that DynamoDB left unprocessed. */
  readonly deleteBatch: (keys: readonly Key[]) => Promise<readonly Key[]>
  readonly pause?: Pause
}

/**
 * Deletes items by their keys, in batches. Retries unprocessed deletions with full jitter and growing pauses, and
 * throws an AwsCallError if some remain after eight attempts. A key without an item is not an error.
 */
export async function deleteItems<Key>({ keys, deleteBatch, pause = sleep }: ItemsToDelete<Key>): Promise<void> {
  for (let start = 0; start < keys.length; start += maxBatch) {
    let remaining: readonly Key[] = keys.slice(start, start + maxBatch)
    for (let attempt = 1; remaining.length > 0; attempt++) {
      if (attempt > maxAttempts) {
        const cause = new Error(
          `DynamoDB left ${remaining.length} deletions unprocessed after ${maxAttempts} attempts.`,
        )
        throw new AwsCallError({ service: 'DynamoDB', operation: 'BatchWriteItem', cause })
      }
      if (attempt > 1) await pause(fullJitterMs({ attempt, baseMs: 50, maxMs: 5_000 }))
      remaining = await deleteBatch(remaining)
    }
  }
}
