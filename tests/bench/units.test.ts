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

describe('the units that the bench counts', () => {
  test('are one for each 4 KB of a consistent read, half of that for any other, and at least for one', () => {
    expect([0, 4_096, 4_097].map((bytes) => readUnits(bytes, true))).toEqual([1, 1, 2])
    expect([0, 4_097].map((bytes) => readUnits(bytes, false))).toEqual([0.5, 1])
  })

  test('are one for each KB of the longer of what was there and what is there', () => {
    expect(writeUnits(table, undefined, item(undefined, 1_100))).toBe(2)
    expect(writeUnits(table, item(undefined, 2_100), item(undefined))).toBe(3)
    expect(writeUnits(table, undefined, undefined)).toBe(1)
  })

  test('count an index whose entry comes, goes or changes, and twice where its key changes', () => {
    expect(writeUnits(table, undefined, item('a'))).toBe(2)
    expect(writeUnits(table, item('a'), undefined)).toBe(2)
    expect(writeUnits(table, item('a'), item('a', 0, 'new'))).toBe(2)
    expect(writeUnits(table, item('a'), item('b'))).toBe(3)
  })

  test('do not count an index that does not hold what changes', () => {
    expect(writeUnits(table, item('a'), item('a', 500))).toBe(1)
  })
})
