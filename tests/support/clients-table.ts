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

/**
 * The clients table of lib/serverless/tables.yml in an in-memory DynamoDB of its own, with the stores that read and
 * write it. Tests can delay and observe the calls.
 */
export interface ClientsTable {
  /** The table that `clients` uses. `hold` and `onCall` apply to its calls. */
  readonly table: Table
  readonly clients: Clients
  readonly subscribers: Subscribers
  /** Creates subscribers with an empty cache, as in another process. */
  readonly newSubscribers: () => Subscribers
  readonly sessions: Sessions
  readonly subscriptions: StoredSubscriptions
  readonly dynamoDb: DynamoDb
  /** DynamoDB operations of all stores except `clients`, in order. */
  readonly calls: string[]
  readonly tableName: string
  readonly endpoint: string
  /**
   * Delays the next call of `table` for an operation, such as `PutItem`, until `release`. With `containing`, the next
   * one whose input contains this text.
   */
  readonly hold: (operation: string, containing?: string) => HeldCall
  /**
   * Receives each call of `table`. Unless it returns undefined or null, its result replaces DynamoDB's. An async
   * function must therefore always resolve with a result.
   */
  onCall: ((...call: Parameters<Call>) => unknown) | undefined
  /** All items, unordered: one page of a scan, which is at most 1 MB. */
  readonly items: () => Promise<readonly Record<string, unknown>[]>
  readonly close: () => Promise<void>
}

export interface HeldCall {
  /** Resolves when the call has arrived and is being delayed. */
  readonly reached: Promise<void>
  readonly release: () => void
}

interface Gate {
  readonly containing: string
  readonly arrive: () => void
  readonly opened: Promise<void>
}

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const region = 'local'

/**
 * Starts the table. The caller closes it.
 *
 * @param now the clock for expiry, in epoch milliseconds
 * @param announce is called for members that join and leave rooms
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
    if (gate && JSON.stringify(input).includes(gate.containing)) {
      gates.delete(operation)
      gate.arrive()
      await gate.opened
    }
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
    hold(operation, containing = '') {
      const { promise: reached, resolve: arrive } = deferred()
      const { promise: opened, resolve: release } = deferred()
      gates.set(operation, { containing, arrive, opened })
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
