import { isDeepStrictEqual } from 'node:util'
import type { AttributeMap } from '../../lib/aws/attribute-values'
import { itemBytes } from './item-bytes'
import type { Index, Table } from './tables'

/** "Read and write operations": 4 KB for a unit, half as much if the read is consistent with what was just written. */
export function readUnits(bytes: number, isConsistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / 4096)) / (isConsistent ? 1 : 2)
}

/**
 * What a write takes of a table and of its indexes: 1 KB for a unit, by the longer one of what was there and what is there then. A
 * write whose condition fails takes as much as if it had left things as they are.
 */
export function writeUnits(table: Table, before: AttributeMap | undefined, after: AttributeMap | undefined): number {
  const own = kilobytes(Math.max(bytesOf(before), bytesOf(after)))
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])]
  return indexes.reduce((sum, index) => {
    return sum + indexWriteUnits(index, indexEntry(table, index, before), indexEntry(table, index, after))
  }, own)
}

/** "Write capacity" of global and of local secondary indexes: what stays the same costs nothing, another key is two writes. */
function indexWriteUnits(index: Index, before: AttributeMap | undefined, after: AttributeMap | undefined): number {
  if (isDeepStrictEqual(before, after)) return 0
  const hasSameKey = before && after && isDeepStrictEqual(keyOf(index, before), keyOf(index, after))
  if (hasSameKey) return kilobytes(Math.max(bytesOf(before), bytesOf(after)))
  return [before, after].reduce((sum, entry) => sum + (entry ? kilobytes(bytesOf(entry)) : 0), 0)
}

/** What an index holds of an item; nothing if it lacks one of the index's keys. */
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
