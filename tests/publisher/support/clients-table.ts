import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { createDynamoDb, type DynamoDb } from '../../../lib/aws/dynamodb'
import { type Clients, createClients } from '../../../lib/clients/clients'
import { createSubscribers, type Subscribers } from '../../../lib/clients/subscribers'
import { startDynamoDb } from '../../../local/dynamodb'

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const region = 'us-east-1'

/** The clients table in a DynamoDB of its own, seen by both who write it and who read it. */
export interface ClientsTable {
  readonly clients: Clients
  readonly subscribers: Subscribers
  readonly dynamoDb: DynamoDb
  /** Operations that the publisher's side has called, in order. */
  readonly calls: string[]
  readonly close: () => Promise<void>
}

export async function startClientsTable(): Promise<ClientsTable> {
  const standIn = await startDynamoDb({ port: 0, tables: [table] })
  const sdk = new DynamoDBClient({ endpoint: standIn.endpoint, region, credentials })
  const documents = DynamoDBDocumentClient.from(sdk, { marshallOptions: { removeUndefinedValues: true } })
  const dynamoDb = createDynamoDb({ url: new URL(standIn.endpoint), region, credentials: () => credentials })
  const calls: string[] = []
  const counted: DynamoDb = {
    ...dynamoDb,
    call: (operation, input) => {
      calls.push(operation)
      return dynamoDb.call(operation, input)
    },
  }
  return {
    clients: createClients({ documents, tableName }),
    subscribers: createSubscribers({ dynamoDb: counted, tableName }),
    dynamoDb,
    calls,
    close: async () => {
      sdk.destroy()
      dynamoDb.close()
      await standIn.close()
    },
  }
}

export const tableName = 'clients'

/** As serverless.yml has it. */
const table = {
  TableName: tableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: ['connectionId', 'id', 'topic'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  KeySchema: keys('connectionId', 'id'),
  GlobalSecondaryIndexes: [
    {
      IndexName: 'topic',
      KeySchema: keys('topic', 'connectionId'),
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['operation', 'ttl'] },
    },
  ],
}

function keys(hash: string, range: string) {
  return [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ]
}
