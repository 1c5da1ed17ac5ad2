import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

interface Key {
  readonly AttributeName: string
  readonly KeyType: string
}

export interface Index {
  readonly IndexName: string
  readonly KeySchema: readonly Key[]
  readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] }
}

export interface Table {
  readonly TableName: string
  readonly BillingMode: string
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: string }[]
  readonly KeySchema: readonly Key[]
  readonly GlobalSecondaryIndexes?: readonly Index[]
  readonly LocalSecondaryIndexes?: readonly Index[]
}

/** This project's tables as `clients` and `messages`. The bench runs in the folder of serverless.yml. */
export function projectTables(): { readonly clients: Table; readonly messages: Table } {
  const { Resources } = parse(readFileSync(join(process.cwd(), 'lib/serverless/tables.yml'), 'utf8')) as {
    Resources: Record<'ClientsTable' | 'MessagesTable', { Properties: Table }>
  }
  const { ClientsTable, MessagesTable } = Resources
  return {
    clients: { ...ClientsTable.Properties, TableName: 'clients' },
    messages: { ...MessagesTable.Properties, TableName: 'messages' },
  }
}

/** The tables that graphql-lambda-subscriptions and aws-lambda-graphql require. */
export const libraryTables: readonly Table[] = [
  table('graphql_connections', ['id']),
  {
    ...table('graphql_subscriptions', ['id'], ['connectionId', 'topic']),
    GlobalSecondaryIndexes: [index('ConnectionIndex', 'connectionId'), index('TopicIndex', 'topic')],
  },
  table('Connections', ['id']),
  table('Subscriptions', ['event', 'subscriptionId']),
  table('SubscriptionOperations', ['subscriptionId']),
  table('Events', ['id']),
]

function table(TableName: string, keys: readonly string[], indexed: readonly string[] = []): Table {
  const AttributeDefinitions = [...keys, ...indexed].map((AttributeName) => ({ AttributeName, AttributeType: 'S' }))
  return { TableName, BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions, KeySchema: keySchema(keys) }
}

function index(IndexName: string, hash: string): Index {
  return { IndexName, KeySchema: keySchema([hash]), Projection: { ProjectionType: 'ALL' } }
}

function keySchema(keys: readonly string[]): readonly Key[] {
  return keys.map((AttributeName, n) => ({ AttributeName, KeyType: n === 0 ? 'HASH' : 'RANGE' }))
}
