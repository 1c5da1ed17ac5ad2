import { channelTopic, type Topic } from '../../lib/channels/topic'
import type { Client } from '../../lib/clients/client'
import type { NewClient } from '../../lib/clients/clients'
import { operationHash } from '../../lib/clients/items'
import type { Subscriber } from '../../lib/clients/subscriber'
import type { NewSubscription } from '../../lib/clients/subscriptions'
import type { JsonObject, OperationId } from '../../lib/operations/request'
import type { DialectName } from '../../lib/protocol/dialect'
import type { ClientsTable } from './clients-table'

export const callbackUrl = 'https://example.com/dev'

export interface Connecting extends Partial<NewClient> {
  readonly connectionId: string
  /** The session that the client takes over and names in its `connection_init`. */
  readonly session?: string
}

/** Writes what `$connect` and, if there is a session, `connection_init` write. @returns the stored client */
export async function connectClient(
  { clients, sessions }: Pick<ClientsTable, 'clients' | 'sessions'>,
  { session, ...client }: Connecting,
): Promise<Client> {
  await clients.register({ callbackUrl, subprotocol: undefined, connectedAtMs: Date.now(), ...client })
  if (session !== undefined) {
    await sessions.take(session, client.connectionId, client.connectedAtMs ?? Date.now())
    await clients.acknowledge(client.connectionId, { session })
  }
  const connected = await clients.find(client.connectionId)
  if (!connected) throw new Error(`${client.connectionId} is not connected.`)
  return connected
}

export interface Subscribing extends Partial<Pick<NewSubscription, 'held' | 'receivedAtMs'>> {
  readonly client: Client
  readonly operationId?: string
  readonly query?: string
  readonly variables?: JsonObject | null
  readonly dialect?: DialectName
  readonly topics?: readonly [Topic, ...Topic[]]
  /** Default: the first topic. Undefined on a channel without a log. */
  readonly log?: Topic | undefined
}

/** A subscription to a board of the fixture API, as `start` stores it. */
export function newSubscription({ client, ...subscribing }: Subscribing): NewSubscription {
  const { operationId = '1', dialect = 'legacy', variables = null, ...rest } = subscribing
  const { query = 'subscription { text(board: "a") }', topics = [channelTopic('board', 'a')], ...more } = rest
  const { callbackUrl } = client
  const shared = { callbackUrl, dialect, request: { query, variables, operationName: null } }
  return {
    log: topics[0],
    receivedAtMs: Date.now(),
    ...more,
    client,
    operationId: operationId as OperationId,
    topics,
    shared,
    operation: operationHash(shared, { topics, eventVariables: variables ?? {} }),
  }
}

/** Writes what a `start` writes. Rejects if it is not stored. @returns the subscription as publishers find it */
export async function subscribeClient(
  { clients }: Pick<ClientsTable, 'clients'>,
  subscribing: Subscribing,
): Promise<Subscriber> {
  const subscription = newSubscription(subscribing)
  const outcome = await clients.subscribe(subscription)
  if (outcome !== 'stored') throw new Error(`The subscription is ${outcome}.`)
  const { client, operationId, operation } = subscription
  return { connectionId: client.connectionId, operationId, operation }
}
