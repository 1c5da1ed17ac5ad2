import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { fromAttributeMap, type Storable, toAttributeMap } from '../../lib/aws/attribute-values'
import { where } from '../../lib/aws/expression'
import { createTable, doneBefore } from '../../lib/aws/table'
import { AwsCallError } from '../../lib/errors'
import { anyText } from '../support/any-text'
import { type ClientsTable, startClientsTable } from '../support/clients-table'

let clients: ClientsTable
beforeAll(async () => {
  clients = await startClientsTable()
})
afterAll(() => clients.close())

let keys = 0
const newKey = () => ({ connectionId: `c${++keys}`, id: 'item' })
const itemUnder = async (key: { connectionId: string; id: string }) => {
  const item = await clients.table.get(key)
  return item && fromAttributeMap(item)
}

describe('a table', () => {
  it('returns a stored item unchanged, without undefined attributes', async () => {
    const key = newKey()
    const item = {
      ...key,
      text: 'ü "#',
      number: 1.5,
      yes: true,
      nothing: null,
      list: ['a', 1],
      map: { a: { b: [] } },
    }
    expect(await clients.table.put({ ...item, left: undefined })).toEqual({})
    expect(await itemUnder(key)).toEqual(item)
  })

  it('updates attributes by name, including reserved words of DynamoDB', async () => {
    const key = newKey()
    await clients.table.put({ ...key, ttl: 1, size: 'old', count: 1, items: 'gone' })
    const set = { ttl: 2, session: 's', left: undefined }
    await clients.table.update(key, { set, add: { count: 2 }, remove: ['items'] })
    expect(await itemUnder(key)).toEqual({ ...key, ttl: 2, session: 's', size: 'old', count: 3 })
  })

  it('reports whether the condition of a write was met, and the item that was there before', async () => {
    const key = newKey()
    const isFree = where`attribute_not_exists(id)`
    expect(await clients.table.put({ ...key, n: 1 }, isFree)).toEqual({})
    expect(await clients.table.put({ ...key, n: 2 }, isFree)).toBeUndefined()
    expect(await clients.table.update(key, { set: { n: 3 } }, isFree)).toBeUndefined()
    expect(await clients.table.delete(key, isFree)).toBeUndefined()
    const isOne = where`n = ${1}`
    expect(await clients.table.delete(key, isOne)).toMatchObject({ n: { N: '1' } })
    expect(await clients.table.get(key)).toBeUndefined()
  })

  describe('after a conditional write was repeated because its answer was lost', () => {
    afterEach(() => {
      clients.onCall = undefined
    })
    const loseFirstAnswer = () => {
      clients.onCall = async (operation, input) => {
        await clients.dynamoDb.call(operation, input)
        return clients.dynamoDb.call(operation, input)
      }
    }
    const isFree = where`attribute_not_exists(n)`

    it('recognises its own item, and does not write it again', async () => {
      const key = newKey()
      loseFirstAnswer()
      expect(await clients.table.put({ ...key, n: 1 }, isFree)).toBe(doneBefore)
      expect(await clients.table.put({ ...key, n: 1 }, isFree)).toBeUndefined()
      expect(await clients.table.put({ ...key, n: 2 }, where`attribute_exists(n)`)).toBe(doneBefore)
      const isTwo = where`n >= ${2}`
      expect(await clients.table.update(key, { add: { n: 1 } }, isTwo)).toBe(doneBefore)
      expect(await itemUnder(key)).toMatchObject({ n: 3 })
    })

    it('reports a failed condition if another write has replaced the item meanwhile', async () => {
      const key = newKey()
      clients.onCall = async (operation, input) => {
        clients.onCall = undefined
        await clients.dynamoDb.call(operation, input)
        await clients.table.put({ ...key, n: 2 }, where`n = ${1}`)
        return clients.dynamoDb.call(operation, input)
      }
      expect(await clients.table.put({ ...key, n: 1 }, isFree)).toBeUndefined()
      expect(await itemUnder(key)).toMatchObject({ n: 2 })
    })
  })

  it('throws if a write fails for another reason than its condition', async () => {
    await expect(clients.table.put({ connectionId: 'no range key' }, where`n = n`)).rejects.toThrow(/PutItem/)
  })

  it('throws if only the message of an error mentions the condition', async () => {
    const cause = new Error('{"__type":"Other","message":"not a ConditionalCheckFailedException"}')
    const error = new AwsCallError({ service: 'DynamoDB', operation: 'PutItem', status: 400, code: 'Other', cause })
    const table = createTable({ dynamoDb: { call: () => Promise.reject(error) }, tableName: 'clients' })
    await expect(table.put(newKey(), where`n = n`)).rejects.toBe(error)
  })

  it('reads every page', async () => {
    const { connectionId } = newKey()
    for (let n = 0; n < 5; n++) await clients.table.put({ connectionId, id: String(n) })
    const sizes: number[] = []
    const pages = clients.table.pages({ keys: where`connectionId = ${connectionId}`, limit: 2 })
    for await (const items of pages) sizes.push(items.length)
    expect(sizes).toEqual([2, 2, 1])
  })
})

it('any value survives a round trip through attribute values', () => {
  const { value } = fc.letrec<{ value: Storable }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      anyText(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
    ),
  }))
  const withoutMinusZero = (given: unknown) => JSON.parse(JSON.stringify(given)) as unknown
  fc.assert(
    fc.property(value, (given) => {
      expect(withoutMinusZero(fromAttributeMap(toAttributeMap({ given })))).toEqual(withoutMinusZero({ given }))
    }),
  )
})
