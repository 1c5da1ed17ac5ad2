import { randomUUID } from 'node:crypto'
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { GraphQLError } from 'graphql'
import { required, sdkTimeOuts } from 'serverless-graphql-subscriptions'
import * as v from 'valibot'
import { Order, type Status } from './channels'

const table = DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler: sdkTimeOuts }))

/** Read when it is needed: `publish` loads this file, too, and is not given the name. */
const tableName = () => required('ORDERS_TABLE')

/** The order as it was last written. Throws a GraphQLError if there is none. */
export async function readOrder(id: string): Promise<Order> {
  const { Item } = await table.send(new GetCommand({ TableName: tableName(), Key: { id }, ConsistentRead: true }))
  if (!Item) throw noSuchOrder(id)
  return v.parse(Order, Item)
}

export async function createOrder(order: Pick<Order, 'customer' | 'restaurantId' | 'dishes'>): Promise<Order> {
  const Item: Order = { ...order, id: randomUUID(), status: 'PLACED', version: 1 }
  await table.send(new PutCommand({ TableName: tableName(), Item }))
  return Item
}

/** Writes the status and counts the version up. Throws a GraphQLError if there is no such order. */
export async function writeStatus(id: string, status: Status): Promise<Order> {
  const update = new UpdateCommand({
    TableName: tableName(),
    Key: { id },
    ConditionExpression: 'attribute_exists(id)',
    UpdateExpression: 'SET #status = :status ADD version :one',
    ExpressionAttributeNames: { '#status': 'status' }, // a reserved word
    ExpressionAttributeValues: { ':status': status, ':one': 1 },
    ReturnValues: 'ALL_NEW',
  })
  try {
    const { Attributes } = await table.send(update)
    return v.parse(Order, Attributes)
  } catch (error) {
    throw error instanceof ConditionalCheckFailedException ? noSuchOrder(id) : error
  }
}

function noSuchOrder(id: string): GraphQLError {
  return new GraphQLError(`There is no order "${id}".`, { extensions: { code: 'NOT_FOUND' } })
}
