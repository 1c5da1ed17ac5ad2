import { isDeepStrictEqual } from 'node:util'
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { startDynamoDb } from '../local/dynamodb'
import { indexPages, indexRow, topicOf } from './model'

/** Puts the subscriptions of a topic into dynalite, and compares what its index has with what the stand-in makes up. */
export async function checkStandIn(): Promise<void> {
  const subscribers = 300
  const topic = topicOf(subscribers)
  const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' })
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ]
  const table = {
    TableName: 'clients',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [attribute('connectionId'), attribute('id'), attribute('topic')],
    KeySchema: keys('connectionId', 'id'),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'topic',
        KeySchema: keys('topic', 'connectionId'),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['operation', 'ttl'] },
      },
    ],
  }
  const dynamoDb = await startDynamoDb({ port: 0, tables: [table] })
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' }
  const client = new DynamoDBClient({ endpoint: dynamoDb.endpoint, region: 'us-east-1', credentials })
  try {
    for (let n = 0; n < subscribers; n++) {
      const Item = { ...indexRow(n), topic: { S: topic }, query: { S: 'is not in the index' } }
      await client.send(new PutItemCommand({ TableName: 'clients', Item }))
    }
    const { Items } = await client.send(
      new QueryCommand({
        TableName: 'clients',
        IndexName: 'topic',
        KeyConditionExpression: 'topic = :topic',
        ExpressionAttributeValues: { ':topic': { S: topic } },
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ProjectionExpression: 'connectionId, id, operation, #ttl',
      }),
    )
    const [page] = indexPages(topic, 'project')
    if (!isDeepStrictEqual(Items, (JSON.parse(page?.json ?? '{}') as { Items: unknown }).Items)) {
      throw new Error('The stand-in for DynamoDB answers a query otherwise than dynalite.')
    }
  } finally {
    client.destroy()
    await dynamoDb.close()
  }
}
