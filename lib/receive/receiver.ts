import type { Access } from '../authentication/access'
import type { Envelope } from '../channels/envelope'
import type { Clients } from '../clients/clients'
import type { Sessions } from '../clients/sessions'
import type { StoredSubscriptions } from '../clients/stored-subscriptions'
import type { LogReader } from '../history/read'
import type { Identity } from '../identity'
import type { Operations } from '../operations/execute'
import type { ClientMessage } from '../protocol/client-message'
import type { ReplayTask } from '../publisher/assignment'
import type { Limits } from './limits'

/** A message of a client, received through API Gateway and parsed. */
export interface ReceivedMessage {
  readonly connectionId: string
  readonly message: ClientMessage
  /** When API Gateway received it, in epoch milliseconds. */
  readonly receivedAtMs: number
}

export interface ReceivedInit extends ReceivedMessage {
  readonly message: Extract<ClientMessage, { readonly type: 'connection_init' }>
}

/** The means to answer messages. */
export interface Receiver {
  readonly clients: Clients
  readonly operations: Operations
  /** Creates the context of an operation of this client. */
  readonly contextFor: (identity: Identity | undefined) => unknown
  /** Creates the context for resolving an initial state, as for an event. */
  readonly eventContext: (event: Omit<Envelope<unknown>, 'data'>) => unknown
  readonly history: Pick<LogReader, 'tail' | 'keepsFrom' | 'sequenceBefore'>
  readonly access: Access
  readonly limits: Limits
  readonly sessions: Sessions
  readonly subscriptions: Pick<StoredSubscriptions, 'isListed'>
  /** Requests a replay of missed events. Resolves once the request is durable. */
  readonly requestReplay: (task: ReplayTask) => Promise<void>
}
