import { createDynamoDb, type DynamoDb } from '../../lib/aws/dynamodb'
import { createTable, type Table } from '../../lib/aws/table'
import { muteNodeWarning } from '../../lib/local/environment'
import { createOwnTables } from './own-tables'

/** A messages table of lib/serverless/tables.yml. */
export interface MessagesTable {
  readonly table: Table
  readonly dynamoDb: DynamoDb
  readonly tableName: string
  /** DynamoDB operations so far, in order. */
  readonly calls: string[]
  readonly close: () => Promise<void>
}

/** Creates the table. The caller closes it. */
export async function startMessagesTable(): Promise<MessagesTable> {
  process.env[muteNodeWarning] = 'true'
  const { endpoint, names } = await createOwnTables('MessagesTable')
  const tableName = names.MessagesTable
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
    close: () => {
      dynamoDb.close()
      return Promise.resolve()
    },
  }
}
