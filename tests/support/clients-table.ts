import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { startDynamoDb } from '../../local/dynamodb'
import { resourceProperties } from './serverless-yml'

type Item = Readonly<Record<string, unknown>>

/** A clients table of a test's own, with the keys and the index that serverless.yml gives it. */
export interface ClientsTable {
  readonly documents: DynamoDBDocumentClient
  readonly tableName: string
  readonly items: () => Promise<readonly Item[]>
  readonly close: () => Promise<void>
}

/** Starts a DynamoDB in memory that holds the table. The caller closes it. */
export async function startClientsTable(): Promise<ClientsTable> {
  const tableName = 'clients'
  const table = { ...resourceProperties('ClientsTable'), TableName: tableName }
  const dynamoDb = await startDynamoDb({ port: 0, tables: [table] })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint: dynamoDb.endpoint, region: 'local', credentials })
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
  return {
    documents,
    tableName,
    items: async () => {
      const { Items = [] } = await documents.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }))
      return Items
    },
    close: async () => {
      client.destroy()
      await dynamoDb.close()
    },
  }
}
