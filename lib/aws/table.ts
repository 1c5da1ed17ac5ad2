import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { AwsCallError } from '../errors'
import { type AttributeMap, optionalTextOf, type Storable, toAttributeMap } from './attribute-values'
import { deleteItems } from './delete-items'
import type { DynamoDb } from './dynamodb'
import { type Expression, namesIn, where } from './expression'

type Values = Readonly<Record<string, Storable>>

/** The changes of an update, by attribute name. The update creates the item if it does not exist. */
interface Changes {
  readonly set?: Values
  readonly add?: Readonly<Record<string, number>>
  readonly remove?: readonly string[]
}

interface UpdateOptions {
  /**
   * The condition holds after the update, too, so a retry does no harm. The update then leaves no id, and that of an
   * earlier write remains.
   */
  readonly isRepeatable?: boolean
}

export interface Query {
  /** `KeyConditionExpression`. */
  readonly keys: Expression
  /** `IndexName`: queries an index instead of the table. */
  readonly index?: string
  /** By default, a table is read consistently and an index is not: it may be global. */
  readonly consistent?: boolean
  /** `ProjectionExpression`; `#name` is the attribute with that name, as in `where`. */
  readonly projection?: string | undefined
  /** Maximum number of items per page. */
  readonly limit?: number
  readonly backwards?: boolean
}

/** The start of the next page: DynamoDB's `LastEvaluatedKey`, passed back unchanged. */
export type PageKey = Readonly<Record<string, unknown>>

interface Page {
  readonly items: readonly AttributeMap[]
  /** Absent on the last page. */
  readonly next: PageKey | undefined
}

/**
 * The result of a conditional write whose earlier attempt succeeded but whose response was lost. The previous item is
 * unknown.
 */
export const doneBefore: AttributeMap = {}

/**
 * One table. Writes take plain values. Reads return DynamoDB's attribute values, because a fan-out reads thousands of
 * items and decodes few. Each call throws like `callAws`.
 *
 * `callAws` retries if a response was lost, although the write may have succeeded. An unconditional write is then done
 * twice. A conditional `put` or `update` is idempotent unless another one changes the item in between: it leaves a
 * random id on the item (`writtenAs`), by which a retry recognises its own write. A conditional deletion leaves
 * nothing: if it finds no item, an earlier attempt may have deleted it.
 */
export interface Table {
  /** Reads the item of a key, consistently. */
  get(key: Values): Promise<AttributeMap | undefined>

  /**
   * Writes resolve with the previous item: empty if there was none, undefined if the condition was not met. A
   * conditional `put` or `update` resolves with `doneBefore` if an earlier attempt succeeded.
   */
  put(item: Values, condition?: Expression): Promise<AttributeMap | undefined>
  update(
    key: Values,
    changes: Changes,
    condition?: Expression,
    options?: UpdateOptions,
  ): Promise<AttributeMap | undefined>
  delete(key: Values, condition?: Expression): Promise<AttributeMap | undefined>

  /** See `deleteItems`. */
  deleteAll(keys: readonly Values[]): Promise<void>

  /** Reads one page: at most 1 MB of items. */
  page(query: Query, from?: PageKey): Promise<Page>
  /** Reads every page. */
  pages(query: Query): AsyncGenerator<readonly AttributeMap[]>
}

/** A table, and a clock to compare expiry with: DynamoDB deletes expired items days late, so every read compares. */
export interface TableAndClock {
  readonly table: Table
  /** Epoch milliseconds. Default: the system clock. */
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
    update(key, changes, condition, { isRepeatable = false } = {}) {
      const once = condition && !isRepeatable ? onceOnly(condition) : { condition, writtenAs: undefined }
      const values = {}
      const set = { ...changes.set, writtenAs: once.writtenAs }
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
  /** The id that a conditional write leaves on the item. */
  readonly writtenAs?: string | undefined
  /** The values of placeholders in expressions that are already built. */
  readonly values?: Record<string, Storable>
}

/** Makes a conditional write idempotent: it is not repeated on an item that it has already written. */
function onceOnly(condition: Expression) {
  const writtenAs = randomBytes(9).toString('base64url')
  const isOther = where`attribute_not_exists(writtenAs) OR writtenAs <> ${writtenAs}`
  return { condition: where`(${condition}) AND (${isOther})`, writtenAs }
}

/** The id on the item that failed the condition ("ReturnValuesOnConditionCheckFailure", PutItem and UpdateItem). */
function writtenAsOf({ body }: AwsCallError): string | undefined {
  const { Item } = v.parse(conditionFailed, body)
  return Item && optionalTextOf(Item, 'writtenAs')
}

/**
 * Builds the update expression for changes, and adds the values of its placeholders to `values`. Any name may be a
 * reserved word.
 */
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

/** DynamoDB rejects empty maps here. */
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
