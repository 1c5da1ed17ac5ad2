import * as v from 'valibot'
import { AwsCallError } from '../errors'
import { type AttributeMap, type Storable, toAttributeMap } from './attribute-values'
import { deleteItems } from './delete-items'
import type { DynamoDb } from './dynamodb'

type Values = Readonly<Record<string, Storable>>

/** Expressions as in the developer guide of DynamoDB, and what their placeholders stand for. */
interface Placeholders {
  /** `ExpressionAttributeValues`. */
  readonly values?: Values
  /** `ExpressionAttributeNames`: for the words that DynamoDB reserves. */
  readonly names?: Readonly<Record<string, string>>
}

export interface Write extends Placeholders {
  /** `ConditionExpression`. */
  readonly condition?: string
}

/** What an update does to an item, attribute by attribute. An item that is not there comes into being. */
export interface Changes {
  readonly set?: Values
  /** Set only where there is none of the name. */
  readonly setIfAbsent?: Values
  readonly add?: Readonly<Record<string, number>>
  readonly remove?: readonly string[]
}

export interface Query extends Placeholders {
  /** `KeyConditionExpression`. */
  readonly keys: string
  /** Of an index that is asked in place of the table. */
  readonly index?: string
  /** Left out, the read is consistent, unless an index is asked, which may be global. */
  readonly consistent?: boolean
  /** `ProjectionExpression`. */
  readonly projection?: string
  /** Items on a page, at most. */
  readonly limit?: number
  readonly backwards?: boolean
}

/** Where the next page begins: DynamoDB's own word, to be handed back as it is. */
export type PageKey = Readonly<Record<string, unknown>>

export interface Page {
  readonly items: readonly AttributeMap[]
  /** Absent on the last page. */
  readonly next: PageKey | undefined
}

/**
 * One table. What is written is given in plain values; what is read comes as DynamoDB spells it, since a fan-out reads thousands of
 * items. Each call fails as `callAws` does. Some writes may be done twice, if only the answer was lost.
 */
export interface Table {
  /** The item under a key, read consistently. */
  get(key: Values): Promise<AttributeMap | undefined>

  /** Each of the writes resolves with the item as it was before, empty if there was none; undefined if the condition was not met. */
  put(item: Values, write?: Write): Promise<AttributeMap | undefined>
  update(key: Values, changes: Changes, write?: Write): Promise<AttributeMap | undefined>
  delete(key: Values, write?: Write): Promise<AttributeMap | undefined>

  /** Deletes items by their keys, as `deleteItems` does. */
  deleteAll(keys: readonly Values[]): Promise<void>

  /** One page: up to 1 MB of items. */
  page(query: Query, from?: PageKey): Promise<Page>
  /** Every page. */
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

    put: (item, write) => settle('PutItem', { Item: toAttributeMap(item) }, write),
    update(key, changes, write = {}) {
      const { expression, names, values } = spell(changes)
      const what = { Key: toAttributeMap(key), UpdateExpression: expression }
      return settle('UpdateItem', what, {
        ...write,
        names: { ...names, ...write.names },
        values: { ...values, ...write.values },
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

  async function settle(operation: 'PutItem' | 'UpdateItem' | 'DeleteItem', what: object, write: Write = {}) {
    try {
      const output = await dynamoDb.call(operation, {
        TableName,
        ...what,
        ConditionExpression: write.condition,
        ReturnValues: write.condition === undefined ? undefined : 'ALL_OLD',
        ...placeholders(write),
      })
      return v.parse(writeOutput, output).Attributes
    } catch (error) {
      if (error instanceof AwsCallError && error.code === 'ConditionalCheckFailedException') return undefined
      throw error
    }
  }

  async function deleteBatch(keys: readonly AttributeMap[]): Promise<readonly AttributeMap[]> {
    const requests = keys.map((Key) => ({ DeleteRequest: { Key } }))
    const output = await dynamoDb.call('BatchWriteItem', { RequestItems: { [TableName]: requests } })
    return v.parse(batchOutput, output).UnprocessedItems[TableName]?.map(({ DeleteRequest }) => DeleteRequest.Key) ?? []
  }
}

/** The update expression of changes. Every name has a placeholder, since it may be a reserved word. */
function spell({ set = {}, setIfAbsent = {}, add = {}, remove = [] }: Changes) {
  const names: Record<string, string> = {}
  const values: Record<string, Storable> = {}
  const named = (name: string) => {
    names[`#_${name}`] = name
    return `#_${name}`
  }
  const valued = ([name, value]: readonly [string, Storable], spelling: (name: string, value: string) => string) => {
    values[`:_${name}`] = value
    return spelling(named(name), `:_${name}`)
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
  const spelled = Object.entries(clauses).filter(([, actions]) => actions.length > 0)
  return { expression: spelled.map(([clause, actions]) => `${clause} ${actions.join(', ')}`).join(' '), names, values }
}

/** DynamoDB takes no empty maps here. */
function placeholders({ values = {}, names = {} }: Placeholders) {
  return {
    ExpressionAttributeNames: Object.keys(names).length > 0 ? names : undefined,
    ExpressionAttributeValues: Object.keys(values).length > 0 ? toAttributeMap(values) : undefined,
  }
}

/** A check of the outside only: what an item holds is for its reader to check. */
const attributes = v.custom<AttributeMap>((value) => typeof value === 'object' && value !== null)
const getOutput = v.object({ Item: v.optional(attributes) })
const writeOutput = v.object({ Attributes: v.optional(attributes, {}) })
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
