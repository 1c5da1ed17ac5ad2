import { createDynamoDb, type DynamoDb } from '../../lib/aws/dynamodb'
import { createTable, type Table } from '../../lib/aws/table'
import { startDynamoDb } from '../../lib/local/dynamodb'
import { muteNodeWarning } from '../../lib/local/environment'
import { tableProperties } from './table-properties'

/** The messages table of lib/serverless/tables.yml in an in-memory DynamoDB of its own. */
export interface MessagesTable {
  readonly table: Table
  readonly dynamoDb: DynamoDb
  readonly tableName: string
  /** DynamoDB operations so far, in order. */
  readonly calls: string[]
  readonly close: () => Promise<void>
}

/** Starts the table. The caller closes it. */
export async function startMessagesTable(): Promise<MessagesTable> {
  process.env[muteNodeWarning] = 'true'
  const tableName = 'messages'
  const table = { ...(await tableProperties('MessagesTable')), TableName: tableName }
  const { endpoint, close } = await startDynamoDb({ port: 0, tables: [table] })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const dynamoDb = createDynamoDb({ url: new URL(endpoint), region: 'local', credentials: () => credentials })
  const calls: string[] = []
  const noting: DynamoDb = {
    ...dynamoDb,
    call(operation, input) {
      calls.push(operation)
      return dynamoDb.call(operation, input)
    },
  }
  return {
    table: createTable({ dynamoDb: noting, tableName }),
    dynamoDb: noting,
    tableName,
    calls,
    close: async () => {
      dynamoDb.close()
      await close()
    },
  }
}
