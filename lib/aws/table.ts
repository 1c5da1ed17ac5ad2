import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { AwsCallError } from '../errors'
import { type AttributeMap, optionalTextOf, type Storable, toAttributeMap } from './attribute-values'
import { deleteItems } from './delete-items'
import type { DynamoDb } from './dynamodb'

type Values = Readonly<Record<string, Storable>>

/** What the placeholders of an expression stand for ("Using expressions in DynamoDB", developer guide). */
interface Placeholders {
  /** `ExpressionAttributeValues`. */
  readonly values?: Values
  /** `ExpressionAttributeNames`, for words that DynamoDB reserves. */
  readonly names?: Readonly<Record<string, string>>
}

interface Write extends Placeholders {
  /** `ConditionExpression`. */
  readonly condition?: string
}

/** What an update does to an item, by the names of its attributes. It creates an item that does not exist. */
interface Changes {
  readonly set?: Values
  /** Set if the item has no such attribute. */
  readonly setIfAbsent?: Values
  readonly add?: Readonly<Record<string, number>>
  readonly remove?: readonly string[]
}

export interface Query extends Placeholders {
  /** `KeyConditionExpression`. */
  readonly keys: string
  /** `IndexName`: queries an index instead of the table. */
  readonly index?: string
  /** By default, a table is read consistently and an index is not: it may be global. */
  readonly consistent?: boolean
  /** `ProjectionExpression`. */
  readonly projection?: string
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
  put(item: Values, write?: Write): Promise<AttributeMap | undefined>
  update(key: Values, changes: Changes, write?: Write): Promise<AttributeMap | undefined>
  delete(key: Values, write?: Write): Promise<AttributeMap | undefined>

  /** See `deleteItems`. */
  deleteAll(keys: readonly Values[]): Promise<void>

  /** Reads one page: at most 1 MB of items. */
  page(query: Query, from?: PageKey): Promise<Page>
  /** Reads every page. */
  pages(query: Query): AsyncGenerator<readonly AttributeMap[]>
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

    put(item, write) {
      const once = onceOnly(write)
      return settle('PutItem', { Item: toAttributeMap({ ...item, writtenAs: once.writtenAs }) }, once)
    },
    update(key, changes, write) {
      const once = onceOnly(write)
      const set = { ...changes.set, writtenAs: once.writtenAs }
      const { expression, names, values } = updateExpressionOf({ ...changes, set })
      const what = { Key: toAttributeMap(key), UpdateExpression: expression }
      return settle('UpdateItem', what, {
        ...once,
        names: { ...names, ...once.names },
        values: { ...values, ...once.values },
      })
    },
    delete: (key, write) => settle('DeleteItem', { Key: toAttributeMap(key) }, write),

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
    const output = await dynamoDb.call('Query', {
      TableName,
      IndexName: index,
      KeyConditionExpression: keys,
      ProjectionExpression: projection,
      ConsistentRead: query.consistent ?? index === undefined,
      Limit: limit,
      ScanIndexForward: !backwards,
      ExclusiveStartKey: from,
      ...placeholders(query),
    })
    const { Items, LastEvaluatedKey } = v.parse(queryOutput, output)
    return { items: Items, next: LastEvaluatedKey }
  }

  async function settle(operation: 'PutItem' | 'UpdateItem' | 'DeleteItem', what: object, write: Once = {}) {
    try {
      const output = await dynamoDb.call(operation, {
        TableName,
        ...what,
        ConditionExpression: write.condition,
        ReturnValues: write.condition === undefined ? undefined : 'ALL_OLD',
        ReturnValuesOnConditionCheckFailure: write.writtenAs === undefined ? undefined : 'ALL_OLD',
        ...placeholders(write),
      })
      return v.parse(writeOutput, output).Attributes
    } catch (error) {
      if (!(error instanceof AwsCallError) || error.code !== 'ConditionalCheckFailedException') throw error
      return write.writtenAs !== undefined && writtenAsOf(error) === write.writtenAs ? doneBefore : undefined
    }
  }

  async function deleteBatch(keys: readonly AttributeMap[]): Promise<readonly AttributeMap[]> {
    const requests = keys.map((Key) => ({ DeleteRequest: { Key } }))
    const output = await dynamoDb.call('BatchWriteItem', { RequestItems: { [TableName]: requests } })
    return v.parse(batchOutput, output).UnprocessedItems[TableName]?.map(({ DeleteRequest }) => DeleteRequest.Key) ?? []
  }
}

interface Once extends Write {
  /** The name that the write leaves on the item, if it has a condition. */
  readonly writtenAs?: string
}

/** Has a conditional write done once, however often it is sent: not on an item that it has written itself. */
function onceOnly(write: Write = {}): Once {
  if (write.condition === undefined) return write
  const writtenAs = randomBytes(9).toString('base64url')
  const condition = `(${write.condition}) AND (attribute_not_exists(writtenAs) OR writtenAs <> :writtenAs)`
  return { ...write, condition, values: { ...write.values, ':writtenAs': writtenAs }, writtenAs }
}

/** The name on the item that did not meet a condition ("ReturnValuesOnConditionCheckFailure", PutItem and UpdateItem). */
function writtenAsOf({ body }: AwsCallError): string | undefined {
  const { Item } = v.parse(conditionFailed, body)
  return Item && optionalTextOf(Item, 'writtenAs')
}

/** The update expression for changes. Every name gets a placeholder, since it may be a reserved word. */
function updateExpressionOf({ set = {}, setIfAbsent = {}, add = {}, remove = [] }: Changes) {
  const names: Record<string, string> = {}
  const values: Record<string, Storable> = {}
  const named = (name: string) => {
    names[`#_${name}`] = name
    return `#_${name}`
  }
  const valued = ([name, value]: readonly [string, Storable], template: (name: string, value: string) => string) => {
    values[`:_${name}`] = value
    return template(named(name), `:_${name}`)
  }
  const present = (all: Values) => Object.entries(all).filter(([, value]) => value !== undefined)
  const clauses = {
    SET: [
      ...present(set).map((entry) => valued(entry, (name, value) => `${name} = ${value}`)),
      ...present(setIfAbsent).map((entry) =>
        valued(entry, (name, value) => `${name} = if_not_exists(${name}, ${value})`),
      ),
    ],
    ADD: present(add).map((entry) => valued(entry, (name, value) => `${name} ${value}`)),
    REMOVE: remove.map(named),
  }
  const nonEmpty = Object.entries(clauses).filter(([, actions]) => actions.length > 0)
  return { expression: nonEmpty.map(([clause, actions]) => `${clause} ${actions.join(', ')}`).join(' '), names, values }
}

/** DynamoDB refuses empty maps here. */
function placeholders({ values = {}, names = {} }: Placeholders) {
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
