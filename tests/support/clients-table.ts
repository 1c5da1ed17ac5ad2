import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { createDynamoDb, type DynamoDb } from '../../lib/aws/dynamodb'
import { type Clients, createClients } from '../../lib/clients/clients'
import { createHeldSubscriptions, type HeldSubscriptions } from '../../lib/clients/held-subscriptions'
import { createSessions, type Sessions } from '../../lib/clients/sessions'
import { createSubscribers, type Subscribers } from '../../lib/clients/subscribers'
import { startDynamoDb } from '../../local/dynamodb'
import { muteNodeWarning } from '../../local/environment'
import { tableProperties } from './table-properties'

/** The clients table as serverless.yml has it, in a DynamoDB of its own: who writes it, who reads it, and calls to hold up. */
export interface ClientsTable {
  readonly clients: Clients
  readonly subscribers: Subscribers
  readonly sessions: Sessions
  readonly heldSubscriptions: HeldSubscriptions
  readonly dynamoDb: DynamoDb
  /** Operations that all but `clients` have called, in order. */
  readonly calls: string[]
  readonly documents: DynamoDBDocumentClient
  readonly tableName: string
  readonly endpoint: string
  /** Holds up the next call of this name, such as `PutItemCommand`, before it is sent. */
  readonly hold: (commandName: string) => HeldCall
  /** Every item, in no order. */
  readonly items: () => Promise<readonly Record<string, unknown>[]>
  readonly close: () => Promise<void>
}

export interface HeldCall {
  /** Resolves when the call has come and waits. */
  readonly reached: Promise<void>
  readonly release: () => void
}

interface Gate {
  readonly arrive: () => void
  readonly opened: Promise<void>
}

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const region = 'local'

/** @param now the clock that expiry is compared with, in epoch milliseconds. The caller closes the table. */
export async function startClientsTable(now: () => number = Date.now): Promise<ClientsTable> {
  process.env[muteNodeWarning] = 'true'
  const tableName = 'clients'
  const { endpoint, close } = await startDynamoDb({
    port: 0,
    tables: [{ ...(await tableProperties('ClientsTable')), TableName: tableName }],
  })
  const dynamoDb = new DynamoDBClient({ endpoint, region, credentials })
  const gates = new Map<string, Gate>()
  dynamoDb.middlewareStack.add(
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
  const documents = DynamoDBDocumentClient.from(dynamoDb, { marshallOptions: { removeUndefinedValues: true } })
  const calls: string[] = []
  const signed = createDynamoDb({ url: new URL(endpoint), region, credentials: () => credentials })

  const noted = { dynamoDb: noting(calls, signed), tableName, now }
  return {
    clients: createClients({ documents, tableName, now }),
    subscribers: createSubscribers(noted),
    sessions: createSessions({ ...noted, ttlSeconds: 86_400, reachSeconds: 600 }),
    heldSubscriptions: createHeldSubscriptions(noted),
    dynamoDb: signed,
    calls,
    documents,
    tableName,
    endpoint,
    hold(commandName) {
      const { promise: reached, resolve: arrive } = deferred()
      const { promise: opened, resolve: release } = deferred()
      gates.set(commandName, { arrive, opened })
      return { reached, release }
    },
    async items() {
      const { Items = [] } = await documents.send(new ScanCommand({ TableName: tableName }))
      return Items
    },
    async close() {
      dynamoDb.destroy()
      signed.close()
      await close()
    },
  }
}

function noting(calls: string[], dynamoDb: DynamoDb): DynamoDb {
  return {
    ...dynamoDb,
    call(operation, input) {
      calls.push(operation)
      return dynamoDb.call(operation, input)
    },
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((fulfil) => (resolve = fulfil))
  return { promise, resolve }
}
