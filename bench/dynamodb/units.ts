import { isDeepStrictEqual } from 'node:util'
import type { AttributeMap } from '../../lib/aws/attribute-values'
import { itemBytes } from './item-bytes'
import type { Index, Table } from './tables'

/**
 * "Read and write operations": one unit per 4 KB for a consistent read, half a unit for an eventually consistent one.
 */
export function readUnits(bytes: number, isConsistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / 4096)) / (isConsistent ? 1 : 2)
}

/**
 * The units that a write consumes of a table and its indexes: one unit per 1 KB of the larger item, before or after. A
 * write whose condition fails consumes as much as one that changes nothing.
 */
export function writeUnits(table: Table, before: AttributeMap | undefined, after: AttributeMap | undefined): number {
  const own = kilobytes(Math.max(bytesOf(before), bytesOf(after)))
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])]
  return indexes.reduce((sum, index) => {
    return sum + indexWriteUnits(index, indexEntry(table, index, before), indexEntry(table, index, after))
  }, own)
}

/**
 * "Write capacity" of global and local secondary indexes: an unchanged entry costs nothing, and a changed key counts as
 * two writes.
 */
function indexWriteUnits(index: Index, before: AttributeMap | undefined, after: AttributeMap | undefined): number {
  if (isDeepStrictEqual(before, after)) return 0
  const hasSameKey = before && after && isDeepStrictEqual(keyOf(index, before), keyOf(index, after))
  if (hasSameKey) return kilobytes(Math.max(bytesOf(before), bytesOf(after)))
  return [before, after].reduce((sum, entry) => sum + (entry ? kilobytes(bytesOf(entry)) : 0), 0)
}

/** The entry of an item in an index; undefined if the item lacks a key of the index. */
export function indexEntry(table: Table, index: Index, item: AttributeMap | undefined): AttributeMap | undefined {
  if (!item || index.KeySchema.some(({ AttributeName }) => item[AttributeName] === undefined)) return undefined
  const { ProjectionType, NonKeyAttributes = [] } = index.Projection
  if (ProjectionType === 'ALL') return item
  const names = [...table.KeySchema, ...index.KeySchema].map(({ AttributeName }) => AttributeName)
  return Object.fromEntries(Object.entries(item).filter(([name]) => [...names, ...NonKeyAttributes].includes(name)))
}

function keyOf({ KeySchema }: Pick<Index, 'KeySchema'>, item: AttributeMap) {
  return KeySchema.map(({ AttributeName }) => item[AttributeName])
}

function bytesOf(item: AttributeMap | undefined): number {
  return item ? itemBytes(item) : 0
}

function kilobytes(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024))
}
