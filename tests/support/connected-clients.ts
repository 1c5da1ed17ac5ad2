import type { Client } from '../../lib/clients/client'
import { operationHash, type SharedOperation } from '../../lib/clients/items'
import type { Subscriber } from '../../lib/clients/subscribers'
import type { NewSubscription } from '../../lib/clients/subscriptions'
import { channelTopic, type Topic } from '../../lib/channels/topic'
import type { Identity } from '../../lib/identity'
import type { OperationId } from '../../lib/operations/request'
import type { DialectName } from '../../lib/protocol/dialect'
import type { Subprotocol } from '../../lib/protocol/subprotocol'
import type { ClientsTable } from './clients-table'

export const callbackUrl = 'https://example.com/dev'

export interface Connecting {
  readonly callbackUrl?: string
  readonly subprotocol?: Subprotocol | undefined
  readonly connectedAtMs?: number
  readonly identity?: Identity
  /** Taken, and noted with `connection_init`, if it is given. */
  readonly session?: string
}

/** Registers a connection; one with a session has had its `connection_init` answered, too. */
export async function connect(
  { clients, sessions }: Pick<ClientsTable, 'clients' | 'sessions'>,
  connectionId: string,
  { session, subprotocol, connectedAtMs = Date.now(), ...registered }: Connecting = {},
): Promise<Client> {
  await clients.register({ callbackUrl, ...registered, connectionId, subprotocol, connectedAtMs })
  if (session !== undefined) {
    await sessions.take(session, connectionId)
    await clients.acknowledge(connectionId, { session })
  }
  const client = await clients.find(connectionId)
  if (!client) throw new Error('The client that was just registered is not there.')
  return client
}

export interface Subscribing {
  /** `1` if left out. */
  readonly operationId?: string
  readonly query?: string
  readonly dialect?: DialectName
  readonly topics?: readonly [Topic, ...Topic[]]
  /** The first topic if left out. */
  readonly log?: Topic
  readonly receivedAtMs?: number
  readonly held?: boolean
  readonly initialDue?: boolean
}

/** What a subscription to a board of the fixture API stores. */
export function newSubscription(client: Client, subscribing: Subscribing = {}): NewSubscription {
  const { topics = [channelTopic('board', 'a')], query = 'subscription { text(board: "a") }' } = subscribing
  const { operationId = '1', dialect = 'legacy', log = topics[0], receivedAtMs = Date.now() } = subscribing
  const { held = false, initialDue = false } = subscribing
  const shared: SharedOperation = {
    callbackUrl: client.callbackUrl,
    dialect,
    request: { query, variables: null, operationName: null },
  }
  const operation = operationHash(shared, { topics, eventVariables: {} })
  const stored = { client, operationId: operationId as OperationId, topics, log, shared, operation, receivedAtMs }
  return { ...stored, held, ...(initialDue && { initialDue }) }
}

/** A subscription as those know it who deliver to it. */
export function subscriberOf({ client: { connectionId }, operationId, operation }: NewSubscription): Subscriber {
  return { connectionId, operationId, operation }
}

/** Stores a subscription to a board of the fixture API. */
export async function subscribe(
  { clients }: Pick<ClientsTable, 'clients'>,
  client: Client,
  subscribing?: Subscribing,
): Promise<Subscriber> {
  const subscription = newSubscription(client, subscribing)
  const outcome = await clients.subscribe(subscription)
  if (outcome !== 'stored') throw new Error(`The subscription was not stored: ${outcome}.`)
  return subscriberOf(subscription)
}
