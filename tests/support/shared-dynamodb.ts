import { startDynamoDb } from '../../lib/local/dynamodb'
import { shareDynamoDb } from './own-tables'
import { tableProperties } from './table-properties'

/**
 * Starts the DynamoDB in memory that all suites share: one start, and code that is warm, instead of one for each suite.
 * jest's workers inherit its endpoint in the environment.
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
