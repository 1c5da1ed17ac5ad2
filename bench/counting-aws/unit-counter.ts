import type { AttributeMap } from '../../lib/aws/attribute-values'
import { itemBytes } from '../dynamodb/item-bytes'
import type { Table } from '../dynamodb/tables'
import { readUnits, writeUnits } from '../dynamodb/units'

/** DynamoDB capacity units consumed by calls. */
export interface Units {
  readonly readUnits: number
  readonly writeUnits: number
}

/** Calls DynamoDB or its stand-in, with headers of its own, because the stand-in checks no signature. */
export type CallDynamoDb = (operation: string, input: object) => Promise<Readonly<Record<string, unknown>>>

interface Input {
  readonly TableName: string
  readonly IndexName?: string
  readonly Key?: AttributeMap
  readonly Item?: AttributeMap
  readonly ConsistentRead?: boolean
  readonly KeyConditionExpression?: string
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>
  readonly ExpressionAttributeValues?: AttributeMap
  readonly ExclusiveStartKey?: AttributeMap
  readonly Limit?: number
  readonly ScanIndexForward?: boolean
  readonly RequestItems?: Readonly<Record<string, readonly Request[]>>
}

interface Request {
  readonly PutRequest?: { readonly Item: AttributeMap }
  readonly DeleteRequest?: { readonly Key: AttributeMap }
}

/**
 * Counts the units of a call by AWS's rules, including indexes: by what is read before filtering, and by the items
 * before and after a write.
 */
export function createUnitCounter(tables: readonly Table[]) {
  return async (
    call: CallDynamoDb,
    { operation, input }: { readonly operation: string; readonly input: unknown },
    run: () => Promise<void>,
  ): Promise<Units> => {
    const of = input as Input
    const units = { readUnits: 0, writeUnits: 0 }
    const before = await itemsWritten(call, of)
    if (operation === 'GetItem')
      units.readUnits = readUnits(bytesOf([await itemAt(call, of)]), of.ConsistentRead ?? false)
    if (operation === 'Query' || operation === 'Scan') {
      const items = await itemsRead(call, operation, of)
      units.readUnits = readUnits(bytesOf(items), of.ConsistentRead ?? false)
    }
    await run()
    const after = await itemsWritten(call, of)
    if (operation !== 'GetItem') {
      before.forEach(({ table, item }, n) => (units.writeUnits += writeUnits(table, item, after[n]?.item)))
    }
    return units
  }

  /** The current items that a call writes. */
  async function itemsWritten(call: CallDynamoDb, { TableName, Key, Item, RequestItems }: Input) {
    const single = Key ?? Item
    const written = Object.entries(
      RequestItems ?? (single ? { [TableName]: [{ DeleteRequest: { Key: single } }] } : {}),
    )
    const keys = written.flatMap(([name, requests]) =>
      requests.map(({ PutRequest, DeleteRequest }) => {
        const table = tableCalled(name)
        return { table, key: keyOf(table, PutRequest?.Item ?? DeleteRequest?.Key ?? {}) }
      }),
    )
    return Promise.all(
      keys.map(async ({ table, key }) => {
        return { table, item: await itemAt(call, { TableName: table.TableName, Key: key }) }
      }),
    )
  }

  function tableCalled(name: string): Table {
    const table = tables.find(({ TableName }) => TableName === name)
    if (!table) throw new Error(`Unknown table "${name}".`)
    return table
  }
}

async function itemAt(call: CallDynamoDb, { TableName, Key }: Pick<Input, 'TableName' | 'Key'>) {
  const { Item } = await call('GetItem', { TableName, Key, ConsistentRead: true })
  return Item as AttributeMap | undefined
}

/** Everything that a query or a scan reads, including items that it filters out. */
async function itemsRead(call: CallDynamoDb, operation: string, input: Input): Promise<readonly AttributeMap[]> {
  const { TableName, IndexName, KeyConditionExpression, ExclusiveStartKey, Limit, ScanIndexForward } = input
  const named = <Value>(entries: Readonly<Record<string, Value>> = {}) => {
    const used = Object.entries(entries).filter(([name]) => KeyConditionExpression?.includes(name))
    return used.length > 0 ? Object.fromEntries(used) : undefined
  }
  const { Items = [] } = await call(operation, {
    ...{ TableName, IndexName, KeyConditionExpression, ExclusiveStartKey, Limit, ScanIndexForward },
    ExpressionAttributeNames: named(input.ExpressionAttributeNames),
    ExpressionAttributeValues: named(input.ExpressionAttributeValues),
  })
  return Items as readonly AttributeMap[]
}

function keyOf({ KeySchema }: Table, item: AttributeMap): AttributeMap {
  const names = KeySchema.map(({ AttributeName }) => AttributeName)
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)))
}

function bytesOf(items: readonly (AttributeMap | undefined)[]): number {
  return items.reduce((sum, item) => sum + (item ? itemBytes(item) : 0), 0)
}
