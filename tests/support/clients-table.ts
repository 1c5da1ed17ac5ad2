import { type AttributeMap, fromAttributeMap } from '../../lib/aws/attribute-values'
import { createDynamoDb, type DynamoDb } from '../../lib/aws/dynamodb'
import { createTable, type Table } from '../../lib/aws/table'
import { type Clients, createClients } from '../../lib/clients/clients'
import { createStoredSubscriptions, type StoredSubscriptions } from '../../lib/clients/stored-subscriptions'
import { createSessions, type Sessions } from '../../lib/clients/sessions'
import { createSubscribers, type Subscribers } from '../../lib/clients/subscribers'
import type { Announce } from '../../lib/presence/changes'
import { muteNodeWarning } from '../../lib/local/environment'
import { createOwnTables } from './own-tables'

type Call = DynamoDb['call']

/**
 * A clients table of lib/serverless/tables.yml, with the stores that read and write it. Tests can delay and observe the
 * calls.
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
 * Creates the table. The caller closes it.
 *
 * @param now the clock for expiry, in epoch milliseconds
 * @param announce is called for members that join and leave rooms
 */
export async function startClientsTable(
  now: () => number = Date.now,
  announce: Announce = () => Promise.resolve(),
): Promise<ClientsTable> {
  process.env[muteNodeWarning] = 'true'
  const { endpoint, names } = await createOwnTables('ClientsTable')
  const tableName = names.ClientsTable
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
      const scan = 'Scan' as 'Query' // the one call that no function makes
      const { Items } = (await dynamoDb.call(scan, { TableName: tableName })) as { readonly Items: AttributeMap[] }
      return Items.map(fromAttributeMap)
    },
    close() {
      dynamoDb.close()
      return Promise.resolve()
    },
  }
  return started
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((fulfil) => (resolve = fulfil))
  return { promise, resolve }
}
