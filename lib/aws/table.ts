import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { AwsCallError } from '../errors'
import { type AttributeMap, optionalTextOf, type Storable, toAttributeMap } from './attribute-values'
import { deleteItems } from './delete-items'
import type { DynamoDb } from './dynamodb'
import { type Expression, namesIn, where } from './expression'

type Values = Readonly<Record<string, Storable>>

/** What an update does to an item, by the names of its attributes. It creates an item that does not exist. */
interface Changes {
  readonly set?: Values
  readonly add?: Readonly<Record<string, number>>
  readonly remove?: readonly string[]
}

export interface Query {
  /** `KeyConditionExpression`. */
  readonly keys: Expression
  /** `IndexName`: queries an index instead of the table. */
  readonly index?: string
  /** By default, a table is read consistently and an index is not: it may be global. */
  readonly consistent?: boolean
  /** `ProjectionExpression`, in which `#name` is the attribute of that name, as in `where`. */
  readonly projection?: string | undefined
  /** The most items on a page. */
  readonly limit?: number
  readonly backwards?: boolean
}

/** Where the next page begins: DynamoDB's `LastEvaluatedKey`, handed back as it is. */
export type PageKey = Readonly<Record<string, unknown>>

interface Page {
  readonly items: readonly AttributeMap[]
  /** Absent on the last page. */
  readonly next: PageKey | undefined
}

/**
 * What a write resolves with that was done before its condition was checked again: the answer of an earlier try was lost. What the item was
 * before is not known.
 */
export const doneBefore: AttributeMap = {}

/**
 * One table. Writes take plain values; reads give DynamoDB's attribute values, since a fan-out reads thousands of items
 * and decodes few. Each call throws as `callAws` does.
 *
 * `callAws` tries again where an answer was lost, though the write may have been done. A write without a condition is done twice then. One
 * with a condition is not, unless others have written the item in between: it leaves a name of its own on the item (`writtenAs`), and so is
 * not taken for another's. A conditional deletion leaves nothing: where it finds no item, an earlier try may have deleted it.
 */
export interface Table {
  /** Reads the item of a key, consistently. */
  get(key: Values): Promise<AttributeMap | undefined>

  /**
   * A write resolves with the item as it was, empty if there was none, or undefined if the condition was not met. A conditional `put` or
   * `update` resolves with `doneBefore` if an earlier try was done.
   */
  put(item: Values, condition?: Expression): Promise<AttributeMap | undefined>
  update(key: Values, changes: Changes, condition?: Expression): Promise<AttributeMap | undefined>
  delete(key: Values, condition?: Expression): Promise<AttributeMap | undefined>

  /** See `deleteItems`. */
  deleteAll(keys: readonly Values[]): Promise<void>

  /** Reads one page: at most 1 MB of items. */
  page(query: Query, from?: PageKey): Promise<Page>
  /** Reads every page. */
  pages(query: Query): AsyncGenerator<readonly AttributeMap[]>
}

/** A table, and the clock that what has expired is told by: DynamoDB deletes it days late, so every read compares. */
export interface TableAndClock {
  readonly table: Table
  /** Epoch milliseconds; the system's if left out. */
  readonly now?: () => number
}

export interface TableOptions {
  readonly dynamoDb: Pick<DynamoDb, 'call'>
  readonly tableName: string
}

export function createTable({ dynamoDb, tableName: TableName }: TableOptions): Table {
  return {
    async get(key) {
      const output = await dynamoDb.call('GetItem', { TableName, Key: toAttributeMap(key), ConsistentRead: true })
      return v.parse(getOutput, output).Item
    },

    put(item, condition) {
      const once = condition && onceOnly(condition)
      return settle('PutItem', { Item: toAttributeMap({ ...item, writtenAs: once?.writtenAs }) }, once)
    },
    update(key, changes, condition) {
      const once = condition && onceOnly(condition)
      const values = {}
      const set = { ...changes.set, writtenAs: once?.writtenAs }
      const UpdateExpression = updateExpressionOf({ ...changes, set }, values)
      return settle('UpdateItem', { Key: toAttributeMap(key), UpdateExpression }, { ...once, values })
    },
    delete: (key, condition) => settle('DeleteItem', { Key: toAttributeMap(key) }, { condition }),

    deleteAll: (keys) => deleteItems({ keys: keys.map(toAttributeMap), deleteBatch }),

    page,

    async *pages(query) {
      let from: PageKey | undefined
      do {
        const { items, next } = await page(query, from)
        yield items
        from = next
      } while (from)
    },
  }

  async function page(query: Query, from?: PageKey): Promise<Page> {
    const { keys, index, projection, limit, backwards } = query
    const values = {}
    const KeyConditionExpression = keys.spell(values)
    const output = await dynamoDb.call('Query', {
      TableName,
      IndexName: index,
      KeyConditionExpression,
      ProjectionExpression: projection,
      ConsistentRead: query.consistent ?? index === undefined,
      Limit: limit,
      ScanIndexForward: !backwards,
      ExclusiveStartKey: from,
      ...placeholders(values, KeyConditionExpression, projection),
    })
    const { Items, LastEvaluatedKey } = v.parse(queryOutput, output)
    return { items: Items, next: LastEvaluatedKey }
  }

  async function settle(
    operation: 'PutItem' | 'UpdateItem' | 'DeleteItem',
    what: { readonly [name: string]: unknown; readonly UpdateExpression?: string },
    { condition, writtenAs, values = {} }: Write = {},
  ) {
    try {
      const ConditionExpression = condition?.spell(values)
      const output = await dynamoDb.call(operation, {
        TableName,
        ...what,
        ConditionExpression,
        ReturnValues: condition && 'ALL_OLD',
        ReturnValuesOnConditionCheckFailure: writtenAs && 'ALL_OLD',
        ...placeholders(values, ConditionExpression, what.UpdateExpression),
      })
      return v.parse(writeOutput, output).Attributes
    } catch (error) {
      if (!(error instanceof AwsCallError) || error.code !== 'ConditionalCheckFailedException') throw error
      return writtenAs !== undefined && writtenAsOf(error) === writtenAs ? doneBefore : undefined
    }
  }

  async function deleteBatch(keys: readonly AttributeMap[]): Promise<readonly AttributeMap[]> {
    const requests = keys.map((Key) => ({ DeleteRequest: { Key } }))
    const output = await dynamoDb.call('BatchWriteItem', { RequestItems: { [TableName]: requests } })
    return v.parse(batchOutput, output).UnprocessedItems[TableName]?.map(({ DeleteRequest }) => DeleteRequest.Key) ?? []
  }
}

interface Write {
  readonly condition?: Expression | undefined
  /** The name that the write leaves on the item, if it has a condition. */
  readonly writtenAs?: string
  /** What placeholders stand for that are written already. */
  readonly values?: Record<string, Storable>
}

/** Has a conditional write done once, however often it is sent: not on an item that it has written itself. */
function onceOnly(condition: Expression) {
  const writtenAs = randomBytes(9).toString('base64url')
  const isOther = where`attribute_not_exists(writtenAs) OR writtenAs <> ${writtenAs}`
  return { condition: where`(${condition}) AND (${isOther})`, writtenAs }
}

/** The name on the item that did not meet a condition ("ReturnValuesOnConditionCheckFailure", PutItem and UpdateItem). */
function writtenAsOf({ body }: AwsCallError): string | undefined {
  const { Item } = v.parse(conditionFailed, body)
  return Item && optionalTextOf(Item, 'writtenAs')
}

/** The update expression for changes; what its placeholders stand for is added to `values`. Each name may be a reserved word. */
function updateExpressionOf({ set = {}, add = {}, remove = [] }: Changes, values: Record<string, Storable>): string {
  const clause = (changes: Values, operator: string) =>
    Object.entries(changes).flatMap(([name, value]) => {
      if (value === undefined) return []
      values[`:_${name}`] = value
      return [`#${name}${operator}:_${name}`]
    })
  const clauses = { SET: clause(set, ' = '), ADD: clause(add, ' '), REMOVE: remove.map((name) => `#${name}`) }
  const nonEmpty = Object.entries(clauses).filter(([, actions]) => actions.length > 0)
  return nonEmpty.map(([keyword, actions]) => `${keyword} ${actions.join(', ')}`).join(' ')
}

/** DynamoDB refuses empty maps here. */
function placeholders(values: Values, ...expressions: readonly (string | undefined)[]) {
  const names = namesIn(...expressions)
  return {
    ExpressionAttributeNames: Object.keys(names).length > 0 ? names : undefined,
    ExpressionAttributeValues: Object.keys(values).length > 0 ? toAttributeMap(values) : undefined,
  }
}

/** Checks the outer shape only: the reader of an item checks its attributes. */
const attributes = v.custom<AttributeMap>((value) => typeof value === 'object' && value !== null)
const getOutput = v.object({ Item: v.optional(attributes) })
const writeOutput = v.object({ Attributes: v.optional(attributes, {}) })
const conditionFailed = v.pipe(v.string(), v.parseJson(), v.object({ Item: v.optional(attributes) }))
const queryOutput = v.object({
  Items: v.optional(v.array(attributes), []),
  LastEvaluatedKey: v.optional(v.record(v.string(), v.unknown())),
})
const batchOutput = v.object({
  UnprocessedItems: v.optional(
    v.record(v.string(), v.array(v.object({ DeleteRequest: v.object({ Key: attributes }) }))),
    {},
  ),
})
