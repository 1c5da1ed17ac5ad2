import { randomUUID } from 'node:crypto'
import { createTables } from '../../lib/local/create-tables'

type LogicalId = 'ClientsTable' | 'MessagesTable'

interface SharedDynamoDb {
  readonly endpoint: string
  /** The properties of the tables in lib/serverless/tables.yml. */
  readonly tables: Readonly<Record<LogicalId, Readonly<Record<string, unknown>>>>
}

const variable = 'SHARED_DYNAMODB'

/** Lets jest's workers, which inherit the environment, find a DynamoDB. */
export function shareDynamoDb(shared: SharedDynamoDb): void {
  process.env[variable] = JSON.stringify(shared)
}

interface OwnTables<Id extends LogicalId> {
  readonly endpoint: string
  readonly names: Readonly<Record<Id, string>>
}

/**
 * Creates tables of lib/serverless/tables.yml in the DynamoDB of tests/setup/dynamodb.ts. Their random names keep them
 * apart from those of other suites. They stay until the end of the run.
 */
export async function createOwnTables<Id extends LogicalId>(...logicalIds: readonly Id[]): Promise<OwnTables<Id>> {
  const shared = process.env[variable]
  if (shared === undefined) throw new Error(`tests/setup/dynamodb.ts sets ${variable}`)
  const { endpoint, tables } = JSON.parse(shared) as SharedDynamoDb
  const names = Object.fromEntries(logicalIds.map((id) => [id, `${id}-${randomUUID()}`])) as Record<Id, string>
  await createTables(
    endpoint,
    logicalIds.map((id) => ({ ...tables[id], TableName: names[id] })),
  )
  return { endpoint, names }
}
