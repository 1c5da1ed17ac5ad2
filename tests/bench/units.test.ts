import { describe, expect, test } from '@jest/globals'
import type { Table } from '../../bench/dynamodb/tables'
import { readUnits, writeUnits } from '../../bench/dynamodb/units'

const key = (AttributeName: string, KeyType = 'HASH') => ({ AttributeName, KeyType })
const table: Table = {
  TableName: 't',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [],
  KeySchema: [key('id')],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'topic',
      KeySchema: [key('topic')],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['small'] },
    },
  ],
}
const item = (topic: string | undefined, length = 0, small = '') => ({
  id: { S: '1' },
  ...(topic !== undefined && { topic: { S: topic } }),
  small: { S: small },
  long: { S: 'x'.repeat(length) },
})

describe('the unit counter of the bench', () => {
  test('charges a consistent read 1 unit per started 4 KB (at least 1), any other read half', () => {
    expect([0, 4_096, 4_097].map((bytes) => readUnits(bytes, true))).toEqual([1, 1, 2])
    expect([0, 4_097].map((bytes) => readUnits(bytes, false))).toEqual([0.5, 1])
  })

  test('charges a write 1 unit per started KB of the larger of the old and the new item', () => {
    expect(writeUnits(table, undefined, item(undefined, 1_100))).toBe(2)
    expect(writeUnits(table, item(undefined, 2_100), item(undefined))).toBe(3)
    expect(writeUnits(table, undefined, undefined)).toBe(1)
  })

  test('charges an index 1 unit if its entry is added, removed or changed, 2 if its key changes', () => {
    expect(writeUnits(table, undefined, item('a'))).toBe(2)
    expect(writeUnits(table, item('a'), undefined)).toBe(2)
    expect(writeUnits(table, item('a'), item('a', 0, 'new'))).toBe(2)
    expect(writeUnits(table, item('a'), item('b'))).toBe(3)
  })

  test('charges an index nothing if no attribute that it holds changes', () => {
    expect(writeUnits(table, item('a'), item('a', 500))).toBe(1)
  })
})
