import type { AttributeMap } from '../../lib/aws/attribute-values'
import { itemBytes } from '../dynamodb/item-bytes'
import type { Table } from '../dynamodb/tables'
import { indexEntry, readUnits, writeUnits } from '../dynamodb/units'

/** The response to a DynamoDB call, and its units. */
export interface Answer {
  readonly status: number
  readonly output: unknown
  readonly readUnits: number
  readonly writeUnits: number
}

interface LogInput {
  readonly IndexName?: string
  readonly Item?: AttributeMap
  readonly Key?: AttributeMap
  readonly ProjectionExpression?: string
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>
  readonly ExpressionAttributeValues?: AttributeMap
}

/** The messages table, as far as `lib/history/append.ts` uses it: responds to each call like DynamoDB. */
export function createMessageLog(table: Table) {
  const logs = new Map<string, Map<number, AttributeMap>>()
  /** By log and event id. */
  const sequences = new Map<string, number>()
  const [eventIdIndex] = table.LocalSecondaryIndexes ?? []

  return (operation: string, input: LogInput): Answer => {
    if (operation === 'Query') return input.IndexName === undefined ? queryTable(input) : queryIndex(input)
    if (operation === 'GetItem') return getReservation(input)
    if (operation === 'PutItem') return put(input.Item ?? {})
    if (operation === 'UpdateItem') return reserve(input)
    throw new Error(`The stand-in does not support a ${operation} of the messages table.`)
  }

  function logOf(name: string): Map<number, AttributeMap> {
    const log = logs.get(name) ?? new Map<number, AttributeMap>()
    logs.set(name, log)
    return log
  }

  /** The newest entry: numbers are put in order, except 0, which holds the reservation. */
  function queryTable({ ExpressionAttributeValues, ...projection }: LogInput): Answer {
    const log = logOf(text(ExpressionAttributeValues, ':v0'))
    const item = log.get(log.size - (log.has(0) ? 1 : 0))
    // With a limit of 1, DynamoDB returns a LastEvaluatedKey even if no further item exists.
    return found(item, item && project(item, projection), item && keyOf(item))
  }

  function getReservation({ Key }: LogInput): Answer {
    const Item = logOf(text(Key, 'topic')).get(0)
    return { status: 200, output: Item ? { Item } : {}, readUnits: unitsOf(Item), writeUnits: 0 }
  }

  function queryIndex({ ExpressionAttributeValues }: LogInput): Answer {
    const eventId = text(ExpressionAttributeValues, ':v1')
    const sequence = sequences.get(`${text(ExpressionAttributeValues, ':v0')} ${eventId}`)
    const item = sequence === undefined ? undefined : logOf(text(ExpressionAttributeValues, ':v0')).get(sequence)
    const entry = eventIdIndex && indexEntry(table, eventIdIndex, item)
    return found(entry, entry)
  }

  function put(item: AttributeMap): Answer {
    const name = text(item, 'topic')
    const sequence = number(item, 'sequence')
    // The late mark of an event. Only a replay reads it, and there is none here.
    if (sequence < 0) return { status: 200, output: {}, readUnits: 0, writeUnits: writeUnits(table, undefined, item) }
    const log = logOf(name)
    const before = log.get(sequence)
    if (before) return refused(writeUnits(table, before, before))
    log.set(sequence, item)
    sequences.set(`${name} ${text(item, 'eventId')}`, sequence)
    return { status: 200, output: {}, readUnits: 0, writeUnits: writeUnits(table, undefined, item) }
  }

  function reserve({ Key, ExpressionAttributeValues }: LogInput): Answer {
    const log = logOf(text(Key, 'topic'))
    const before = log.get(0)
    const reserved = number(ExpressionAttributeValues, ':_reserved')
    if (before && number(before, 'reserved') >= reserved) return refused(writeUnits(table, before, before))
    const after: AttributeMap = {
      ...Key,
      reserved: { N: String(reserved) },
      ttl: { N: String(number(ExpressionAttributeValues, ':_ttl')) },
      writtenAs: { S: text(ExpressionAttributeValues, ':_writtenAs') },
    }
    log.set(0, after)
    const output = before ? { Attributes: before } : {}
    return { status: 200, output, readUnits: 0, writeUnits: writeUnits(table, before, after) }
  }
}

function found(stored?: AttributeMap, answered?: AttributeMap, LastEvaluatedKey?: AttributeMap): Answer {
  const Items = answered ? [answered] : []
  const output = {
    Items,
    Count: Items.length,
    ScannedCount: Items.length,
    ...(LastEvaluatedKey && { LastEvaluatedKey }),
  }
  return { status: 200, output, readUnits: unitsOf(stored), writeUnits: 0 }
}

/** The units of a consistent read of an item, found or not. */
function unitsOf(item: AttributeMap | undefined): number {
  return readUnits(item ? itemBytes(item) : 0, true)
}

function refused(units: number): Answer {
  const __type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException'
  return { status: 400, output: { __type, message: 'The conditional request failed' }, readUnits: 0, writeUnits: units }
}

function project(item: AttributeMap, { ProjectionExpression, ExpressionAttributeNames = {} }: LogInput): AttributeMap {
  if (ProjectionExpression === undefined) return item
  const names = ProjectionExpression.split(', ').map((name) => ExpressionAttributeNames[name] ?? name)
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)))
}

function keyOf(item: AttributeMap): AttributeMap {
  return Object.fromEntries(Object.entries(item).filter(([name]) => name === 'topic' || name === 'sequence'))
}

function text(item: AttributeMap | undefined, name: string): string {
  const value = item?.[name]
  if (value && 'S' in value) return value.S
  throw new Error(`Expected a call of the messages table to have ${name}.`)
}

function number(item: AttributeMap | undefined, name: string): number {
  const value = item?.[name]
  if (value && 'N' in value) return Number(value.N)
  throw new Error(`Expected a call of the messages table to have ${name}.`)
}
