import { once } from 'node:events'
import { connect as connectTo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import {
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import { startDynamoDb } from '../../lib/local/dynamodb'

const cleanUps: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** A table in CloudFormation's form, with properties that CreateTable does not accept. */
const tableProperties = {
  TableName: 'clients',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'connectionId', AttributeType: 'S' },
    { AttributeName: 'topic', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'connectionId', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'topic',
      KeySchema: [
        { AttributeName: 'topic', KeyType: 'HASH' },
        { AttributeName: 'connectionId', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['ttl'] },
    },
  ],
  TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  SSESpecification: { SSEEnabled: true },
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
}

test('the tables of a template are active when DynamoDB has started', async () => {
  const client = await startClient([tableProperties])

  const { Table } = await client.send(new DescribeTableCommand({ TableName: 'clients' }))

  expect(Table).toMatchObject({ TableStatus: 'ACTIVE', BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } })
})

test('an index returns only the attributes of its projection', async () => {
  const client = await startClient([tableProperties])
  const key = { connectionId: { S: 'c1' }, topic: { S: 't' }, ttl: { N: '1' } }
  await client.send(new PutItemCommand({ TableName: 'clients', Item: { ...key, secret: { S: 'not projected' } } }))

  const { Items } = await client.send(
    new QueryCommand({
      TableName: 'clients',
      IndexName: 'topic',
      KeyConditionExpression: 'topic = :topic',
      ExpressionAttributeValues: { ':topic': { S: 't' } },
    }),
  )

  expect(Items).toEqual([key])
})

test.each([
  ['ALL_OLD', { connectionId: { S: 'c1' }, n: { N: '1' } }],
  ['NONE', undefined],
] as const)('a failed condition returns the item if the request asks for it: %s', async (asked, found) => {
  const client = await startClient([tableProperties])
  const Item = { connectionId: { S: 'c1' }, n: { N: '1' } }
  await client.send(new PutItemCommand({ TableName: 'clients', Item }))

  const error: unknown = await client
    .send(
      new PutItemCommand({
        TableName: 'clients',
        Item,
        ConditionExpression: 'attribute_not_exists(connectionId)',
        ReturnValuesOnConditionCheckFailure: asked,
      }),
    )
    .catch((error: unknown) => error)

  expect(error).toBeInstanceOf(ConditionalCheckFailedException)
  expect(error).toHaveProperty('Item', found)
})

test('two databases that run at once share no tables', async () => {
  await startClient([tableProperties])
  const other = await startClient([])

  await expect(other.send(new DescribeTableCommand({ TableName: 'clients' }))).rejects.toThrow('not found')
})

test('an invalid table is refused, and the port is released', async () => {
  const { endpoint } = await startDynamoDb({ port: 0, tables: [] }).then(async (standIn) => {
    await standIn.close()
    return standIn
  })
  const port = Number(new URL(endpoint).port)
  const withoutKeyAttribute = { ...tableProperties, AttributeDefinitions: [{ AttributeName: 'x', AttributeType: 'S' }] }

  await expect(startDynamoDb({ port, tables: [withoutKeyAttribute] })).rejects.toThrow('AttributeDefinitions')

  const again = await startDynamoDb({ port, tables: [tableProperties] })
  await again.close()
})

// Regression: dynalite threw "Database is closed" where no caller could catch it, which ended the process.
test('closing succeeds while requests of disconnected clients are in progress', async () => {
  const standIn = await startDynamoDb({ port: 0, tables: [tableProperties] })
  const { hostname, port } = new URL(standIn.endpoint)
  const body = JSON.stringify({ TableName: 'clients', Item: { connectionId: { S: 'c1' }, topic: { S: 't' } } })
  const credential = 'Credential=a/20300101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=s'
  const head = [
    'POST / HTTP/1.1',
    'Host: localhost',
    'X-Amz-Target: DynamoDB_20120810.PutItem',
    `Authorization: AWS4-HMAC-SHA256 ${credential}`,
    'Content-Type: application/x-amz-json-1.0',
    'X-Amz-Date: 20300101T000000Z',
    `Content-Length: ${body.length}`,
  ]
  for (let n = 0; n < 20; n++) {
    const socket = connectTo(Number(port), hostname)
    await once(socket, 'connect')
    socket.on('error', () => undefined) // closing the stand-in may reset it
    socket.write([...head, '', body].join('\r\n'))
    socket.end()
  }
  await standIn.close()
  await expect(fetch(standIn.endpoint)).rejects.toThrow('fetch failed')
})

async function startClient(tables: readonly unknown[]): Promise<DynamoDBClient> {
  const standIn = await startDynamoDb({ port: 0, tables })
  cleanUps.push(standIn.close)
  return connect(standIn.endpoint)
}

function connect(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })
  cleanUps.push(() => {
    client.destroy()
  })
  return client
}
