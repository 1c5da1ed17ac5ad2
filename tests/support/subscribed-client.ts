import type { Client } from '../../lib/clients/client'
import type { NewClient } from '../../lib/clients/clients'
import { operationHash } from '../../lib/clients/items'
import type { Subscriber } from '../../lib/clients/subscribers'
import type { NewSubscription } from '../../lib/clients/subscriptions'
import type { OperationId } from '../../lib/operations/request'
import type { DialectName } from '../../lib/protocol/dialect'
import type { ClientsTable } from './clients-table'

export interface Connecting extends Partial<NewClient> {
  readonly connectionId: string
  /** A session that it takes over and names in its `connection_init`. */
  readonly session?: string
}

/** What `$connect` and, for a client that has a session, `connection_init` write. */
export async function connectClient(
  { clients, sessions }: Pick<ClientsTable, 'clients' | 'sessions'>,
  { session, ...client }: Connecting,
): Promise<Client> {
  await clients.register({
    callbackUrl: 'https://example.com/dev',
    subprotocol: undefined,
    connectedAtMs: Date.now(),
    ...client,
  })
  if (session !== undefined) {
    await sessions.take(session, client.connectionId)
    await clients.acknowledge(client.connectionId, { session })
  }
  const connected = await clients.find(client.connectionId)
  if (!connected) throw new Error(`${client.connectionId} is not connected.`)
  return connected
}

export interface Subscribing extends Pick<NewSubscription, 'client' | 'topics' | 'log' | 'held'> {
  readonly operationId?: string
  readonly query?: string
  readonly dialect?: DialectName
  readonly receivedAtMs?: number
}

/** What a `start` writes. @returns the subscription as publishers find it */
export async function subscribeClient(
  { clients }: Pick<ClientsTable, 'clients'>,
  { operationId = '1', query = 'subscription { chat(chatId: "a") }', dialect = 'legacy', ...subscription }: Subscribing,
): Promise<Subscriber> {
  const { connectionId, callbackUrl } = subscription.client
  const shared = { callbackUrl, dialect, request: { query, variables: null, operationName: null } }
  const id = operationId as OperationId
  await clients.subscribe({ receivedAtMs: Date.now(), ...subscription, operationId: id, shared })
  return { connectionId, operationId: id, operation: operationHash(shared) }
}
