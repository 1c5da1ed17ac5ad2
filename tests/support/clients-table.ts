import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { startDynamoDb } from '../../local/dynamodb'
import { resourceProperties } from './serverless-yml'

type Item = Readonly<Record<string, unknown>>

/** A clients table of a test's own, with the keys and the index that serverless.yml gives it. */
export interface ClientsTable {
  readonly documents: DynamoDBDocumentClient
  readonly tableName: string
  readonly endpoint: string
  /** Holds up the next call of this name, such as `PutItemCommand`, before it is sent. */
  readonly hold: (commandName: string) => HeldCall
  readonly items: () => Promise<readonly Item[]>
  readonly close: () => Promise<void>
}

export interface HeldCall {
  /** Resolves when the call has come and waits. */
  readonly reached: Promise<void>
  readonly release: () => void
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
    endpoint: dynamoDb.endpoint,
    hold: gatesOf(client),
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

interface Gate {
  readonly arrive: () => void
  readonly opened: Promise<void>
}

function gatesOf(client: DynamoDBClient): ClientsTable['hold'] {
  const gates = new Map<string, Gate>()
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const gate = gates.get(commandName)
        gates.delete(commandName)
        gate?.arrive()
        await gate?.opened
        return next(args)
      },
    { step: 'initialize' },
  )
  return (commandName) => {
    const { promise: reached, resolve: arrive } = deferred()
    const { promise: opened, resolve: release } = deferred()
    gates.set(commandName, { arrive, opened })
    return { reached, release }
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((fulfil) => (resolve = fulfil))
  return { promise, resolve }
}
