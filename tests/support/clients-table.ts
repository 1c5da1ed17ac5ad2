import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { createDynamoDb, type DynamoDb } from '../../lib/aws/dynamodb'
import { createTable, type Table } from '../../lib/aws/table'
import { type Clients, createClients } from '../../lib/clients/clients'
import { createStoredSubscriptions, type StoredSubscriptions } from '../../lib/clients/stored-subscriptions'
import { createSessions, type Sessions } from '../../lib/clients/sessions'
import { createSubscribers, type Subscribers } from '../../lib/clients/subscribers'
import type { Announce } from '../../lib/presence/changes'
import { startDynamoDb } from '../../lib/local/dynamodb'
import { muteNodeWarning } from '../../lib/local/environment'
import { tableProperties } from './table-properties'

type Call = DynamoDb['call']

/** The clients table as lib/serverless/tables.yml has it, in a DynamoDB of its own: who writes it, who reads it, and calls to hold up. */
export interface ClientsTable {
  /** What `clients` calls, to be held up and looked at. */
  readonly table: Table
  readonly clients: Clients
  readonly subscribers: Subscribers
  /** As another process has them, which remembers nothing. */
  readonly newSubscribers: () => Subscribers
  readonly sessions: Sessions
  readonly subscriptions: StoredSubscriptions
  readonly dynamoDb: DynamoDb
  /** Operations that all but `clients` have called, in order. */
  readonly calls: string[]
  readonly tableName: string
  readonly endpoint: string
  /** Holds up the next call of an operation, such as `PutItem`, before it is sent. */
  readonly hold: (operation: string) => HeldCall
  /** Hears of each call, and may answer it in place of DynamoDB. */
  onCall: ((...call: Parameters<Call>) => unknown) | undefined
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

/**
 * @param now the clock that expiry is compared with, in epoch milliseconds
 * @param announce hears of members that come to rooms and leave them
 *
 * The caller closes the table.
 */
export async function startClientsTable(
  now: () => number = Date.now,
  announce: Announce = () => Promise.resolve(),
): Promise<ClientsTable> {
  process.env[muteNodeWarning] = 'true'
  const tableName = 'clients'
  const { endpoint, close } = await startDynamoDb({
    port: 0,
    tables: [{ ...(await tableProperties('ClientsTable')), TableName: tableName }],
  })
  const dynamoDb = createDynamoDb({ url: new URL(endpoint), region, credentials: () => credentials })
  const gates = new Map<string, Gate>()
  const watched: Call = async (operation, input) => {
    const gate = gates.get(operation)
    gates.delete(operation)
    gate?.arrive()
    await gate?.opened
    return started.onCall?.(operation, input) ?? dynamoDb.call(operation, input)
  }
  const calls: string[] = []
  const noted: Call = (operation, input) => {
    calls.push(operation)
    return dynamoDb.call(operation, input)
  }
  const table = createTable({ dynamoDb: { call: watched }, tableName })
  const other = { table: createTable({ dynamoDb: { call: noted }, tableName }), now }
  const sdk = new DynamoDBClient({ endpoint, region, credentials })
  const documents = DynamoDBDocumentClient.from(sdk)

  const started: ClientsTable = {
    table,
    clients: createClients({ table, now, announce }),
    subscribers: createSubscribers(other),
    newSubscribers: () => createSubscribers(other),
    sessions: createSessions({ ...other, ttlSeconds: 86_400, reachSeconds: 600, announce }),
    subscriptions: createStoredSubscriptions({ ...other, announce }),
    dynamoDb,
    calls,
    tableName,
    endpoint,
    onCall: undefined,
    hold(operation) {
      const { promise: reached, resolve: arrive } = deferred()
      const { promise: opened, resolve: release } = deferred()
      gates.set(operation, { arrive, opened })
      return { reached, release }
    },
    async items() {
      const { Items = [] } = await documents.send(new ScanCommand({ TableName: tableName }))
      return Items
    },
    async close() {
      sdk.destroy()
      dynamoDb.close()
      await close()
    },
  }
  return started
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((fulfil) => (resolve = fulfil))
  return { promise, resolve }
}
