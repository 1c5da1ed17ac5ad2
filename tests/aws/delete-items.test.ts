import { describe, expect, test } from '@jest/globals'
import { deleteItems } from '../../lib/aws/delete-items'

describe('deleteItems', () => {
  test('deletes in batches of 25, and retries unprocessed keys', async () => {
    const keys = Array.from({ length: 60 }, (_, n) => n)
    const batches: number[][] = []
    const pauses: number[] = []
    await deleteItems({
      keys,
      deleteBatch: (batch) => {
        batches.push([...batch])
        return Promise.resolve(batches.length === 1 ? batch.slice(5) : [])
      },
      pause: (ms) => Promise.resolve(pauses.push(ms)),
    })
    expect(batches.map((batch) => batch.length)).toEqual([25, 20, 25, 10])
    expect(new Set(batches.flat())).toEqual(new Set(keys))
    expect(pauses).toHaveLength(1)
  })

  test('fails if a key is still unprocessed after 8 attempts', async () => {
    const deleting = deleteItems({
      keys: [1, 2],
      deleteBatch: () => Promise.resolve([2]),
      pause: () => Promise.resolve(),
    })
    await expect(deleting).rejects.toMatchObject({ service: 'DynamoDB', operation: 'BatchWriteItem' })
    await expect(deleting).rejects.toThrow('DynamoDB left 1 deletions unprocessed after 8 attempts.')
  })
})
