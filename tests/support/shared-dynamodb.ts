import { startDynamoDb } from '../../lib/local/dynamodb'
import { shareDynamoDb } from './own-tables'
import { tableProperties } from './table-properties'

/**
 * Starts the DynamoDB in memory that all suites without a service share, so that its code is loaded once.
 *
 * @returns a function that stops it
 */
export async function startSharedDynamoDb(): Promise<() => Promise<void>> {
  const { endpoint, close } = await startDynamoDb({ port: 0, tables: [] })
  shareDynamoDb({
    endpoint,
    tables: {
      ClientsTable: await tableProperties('ClientsTable'),
      MessagesTable: await tableProperties('MessagesTable'),
    },
  })
  return close
}
