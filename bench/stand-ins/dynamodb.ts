import type { AttributeMap } from '../../lib/aws/attribute-values'
import { clientId, subscriptionId } from '../../lib/clients/keys'
import { itemBytes } from '../dynamodb/item-bytes'
import { projectTables } from '../dynamodb/tables'
import { readUnits } from '../dynamodb/units'
import { operationIdAt, operationName, query as document } from '../model'
import { createMessageLog } from './message-log'
import { projectRow } from './rows'
import { createSubscriptionPages } from './subscription-pages'

interface Input {
  readonly TableName?: string
  readonly IndexName?: string
  readonly Key?: AttributeMap
  readonly ExpressionAttributeValues?: AttributeMap
  readonly ExclusiveStartKey?: AttributeMap
  readonly ConsistentRead?: boolean
  readonly RequestItems?: Readonly<Record<string, readonly unknown[]>>
}

export interface DynamoDbAnswer {
  readonly status: number
  readonly json: string
  readonly readUnits: number
  readonly writeUnits: number
}

/**
 * Responds to the DynamoDB calls of a fan-out like DynamoDB. Deletions have no effect, so that each publish finds the
 * same items.
 *
 * @param domainName the domain name of the @connections API, for rows that contain it
 */
export function createDynamoDb(domainName: string) {
  const { clients, messages } = projectTables()
  const log = createMessageLog(messages)
  const pages = createSubscriptionPages(domainName)
  const operation = operationOf(`https://${domainName}/dev`)

  return (target: string, body: string): DynamoDbAnswer => {
    const input = JSON.parse(body) as Input
    if (input.TableName === messages.TableName) {
      const { output, ...answer } = log(target, input)
      return { ...answer, json: JSON.stringify(output) }
    }
    if (target === 'Query') return query(input)
    if (target === 'GetItem') return input.TableName === clients.TableName ? getItem(input) : read('{}')
    if (target === 'Scan') return read('{"Items":[],"Count":0,"ScannedCount":12}', 6 * 1024)
    return { status: 200, json: '{"UnprocessedItems":{}}', readUnits: 0, writeUnits: writesOf(input) }
  }

  function query(input: Input): DynamoDbAnswer {
    const { TableName, IndexName, ExpressionAttributeValues: values = {}, ExclusiveStartKey: start } = input
    const named = (name: string) => textOf(values[name])
    if (IndexName === 'topic') return page(pages.project(named(':v0'), start))
    if (IndexName === 'TopicIndex') return page(pages.lambdaSubscriptions(named(':hashKey'), start))
    if (TableName === 'Subscriptions') return page(pages.lambdaGraphql(named(':event'), start))
    return connectionItems(named(':v0'))
  }

  function getItem({ Key = {}, ConsistentRead = false }: Input): DynamoDbAnswer {
    const isSubscription = textOf(Key['id']).startsWith(subscriptionId(operationIdAt(0)).slice(0, -1))
    if (!isSubscription) return read('{}', 0, ConsistentRead)
    return read(JSON.stringify({ Item: operation }), itemBytes({ ...projectRow(0), ...operation }), ConsistentRead)
  }
}

function page({ json, readUnits: units }: { readonly json: string; readonly readUnits: number }): DynamoDbAnswer {
  return { status: 200, json, readUnits: units, writeUnits: 0 }
}

function read(json: string, bytes = 0, isConsistent = false): DynamoDbAnswer {
  return page({ json, readUnits: readUnits(bytes, isConsistent) })
}

/** A connection without a session, and its one subscription. */
function connectionItems(connectionId: string): DynamoDbAnswer {
  const keyed = (id: string) => ({ connectionId: { S: connectionId }, id: { S: id } })
  const Items = [keyed(clientId), { ...keyed(subscriptionId(operationIdAt(0))), operation: { S: operationName } }]
  return read(JSON.stringify({ Items, Count: Items.length, ScannedCount: Items.length }), 0, true)
}

/** The number of deletions. Only the log uses puts. */
function writesOf({ RequestItems }: Input): number {
  return RequestItems ? Object.values(RequestItems).flat().length : 1
}

/** The subscription's main item, whose callback URL is the stand-in itself. */
function operationOf(callbackUrl: string): AttributeMap {
  return {
    topic: { S: 'bench' },
    topics: { L: [{ S: 'bench' }] },
    receivedAtMs: { N: '0' },
    ttl: { N: '4102444800' },
    operation: { S: operationName },
    callbackUrl: { S: callbackUrl },
    dialect: { S: 'legacy' },
    query: { S: document },
    variables: { S: '{}' },
    operationName: { NULL: true },
  }
}

function textOf(value: AttributeMap[string] | undefined): string {
  return value && 'S' in value ? value.S : ''
}
