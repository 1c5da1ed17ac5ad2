import type { AttributeMap, AttributeValue } from '../../lib/aws/attribute-values'

/** The stored size of an item in bytes: "DynamoDB item sizes and formats". */
export function itemBytes(item: AttributeMap): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0)
}

function valueBytes(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S)
  if ('N' in value) return Math.ceil(value.N.length / 2) + 1
  if ('M' in value) return 3 + Object.keys(value.M).length + itemBytes(value.M)
  if ('L' in value) return value.L.reduce((sum, element) => sum + 1 + valueBytes(element), 3)
  return 1
}
