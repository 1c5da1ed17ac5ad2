import { GraphQLError } from 'graphql'
import type { Access } from '../authentication/access'
import { admitToConnection } from './admit-to-connection'
import { awaitIdentity } from './await-identity'
import type { Identity } from '../identity'
import { issuerUnreachable, unauthenticated } from '../authentication/refusals'
import type { Clients } from '../clients/clients'
import type { Client } from '../clients/client'
import type { Sessions } from '../clients/sessions'
import type { Operations } from '../operations/execute'
import type { OperationOutcome } from '../operations/outcome'
import { type ClientMessage, dialectOf, parseClientMessage } from '../protocol/client-message'
import type { OperationId, OperationRequest } from '../operations/request'
import { current, subscriberAlreadyExists, tooManyInitialisationRequests, unauthorized } from '../protocol/current'
import { type Answer, connectionLost, type Dialect, unknownMessageType } from '../protocol/dialect'
import { dialectOfSubprotocol, dialects } from '../protocol/dialects'
import { withinFrameLimit } from '../protocol/frame-limit'
import { legacy } from '../protocol/legacy'
import { type ReplayTask } from '../publisher/assignment'
import { replayTask } from '../publisher/replay-task'
import { startSubscription } from './start-subscription'

/** A message of a client, as API Gateway hands it on. */
export interface ReceivedMessage {
  readonly connectionId: string
  readonly text: string
  /** When API Gateway received it, in epoch milliseconds. */
  readonly receivedAtMs: number
}

export interface Limits {
  readonly maxOperationIdBytes: number
  readonly maxSubscriptions: number
  /** Of a subscription's document and variables together, in bytes of UTF-8. */
  readonly maxSubscriptionBytes: number
  /** That a connection may begin; undefined if it may begin any number, which saves a write for each. */
  readonly maxOperationsPer10Seconds: number | undefined
}

export interface Receiver {
  readonly clients: Clients
  readonly operations: Operations
  /** What resolvers get, for an operation of this client. */
  readonly contextFor: (identity: Identity | undefined) => unknown
  readonly access: Access
  readonly limits: Limits
  readonly sessions: Sessions
  /** Has a publisher give a subscription what it missed. Resolves once that is sure to happen. */
  readonly requestReplay: (task: ReplayTask) => Promise<void>
}

const connectionAck: Answer = { frames: [JSON.stringify({ type: 'connection_ack' })] }
const nothing: Answer = { frames: [] }

/**
 * Answers one message as a stateful server would, with what it remembers in the clients table.
 *
 * Everything a client can get wrong is an answer; what this throws is a failure of ours or of AWS.
 */
export async function receiveMessage(received: ReceivedMessage, receiver: Receiver): Promise<Answer> {
  const { connectionId, text, receivedAtMs } = received
  const { clients, limits } = receiver
  const message = parseClientMessage(text, { maxIdBytes: limits.maxOperationIdBytes })
  switch (message.type) {
    case 'connection_init':
      return initialise(connectionId, message, receiver)
    case 'ping':
      return { frames: [JSON.stringify({ type: 'pong', ...(message.payload && { payload: message.payload }) })] }
    case 'pong':
      await clients.seen(connectionId, receivedAtMs)
      return nothing
    case 'connection_terminate':
      await clients.remove(connectionId) // it does not want to come back to anything
      return { frames: [], close: { code: 1000, reason: 'connection_terminate' } }
    case 'stop':
    case 'complete':
      if (message.id !== undefined) await clients.unsubscribe({ connectionId, operationId: message.id, receivedAtMs })
      return nothing
    case 'start':
    case 'subscribe':
    case 'raw':
      return runOperation(message, received, receiver)
    case 'invalid': {
      const client = await clients.find(connectionId)
      const dialect = speaking(client, message)
      return client ? dialect.protocolError(message) : dialect.unregistered(message.id)
    }
  }
}

type InitMessage = Extract<ClientMessage, { readonly type: 'connection_init' }>

async function initialise(connectionId: string, message: InitMessage, receiver: Receiver): Promise<Answer> {
  const { clients, access, sessions } = receiver
  const admission = await admitToConnection({ connectionId, payload: message.payload, clients, access })
  if (admission.kind === 'refused') {
    const { client, reason } = admission
    await clients.remove(connectionId) // whatever becomes of the socket, no operation runs on it
    // Without a sub-protocol nothing says which dialect it speaks: a frame in the other one would only confuse it.
    if (!client?.subprotocol) return { frames: [], close: { code: 4403, reason } }
    return dialectOfSubprotocol[client.subprotocol].forbidden(reason)
  }
  if (admission.kind === 'undecided') return tryAgainLater(admission.client)
  const { identity, session } = admission
  if (session !== undefined) await sessions.take(session, connectionId)
  switch (await clients.acknowledge(connectionId, { identity, session })) {
    case 'acknowledged':
      if (session !== undefined) await resumeEarlyStarts(session, connectionId, receiver)
      return connectionAck
    case 'repeated':
      return tooManyInitialisationRequests
    case 'unregistered':
      // Which dialect it speaks is forgotten, too: a frame in the other one would keep it from connecting again.
      return { frames: [], close: { code: 1011, reason: connectionLost } }
  }
}

/**
 * Ends a connection whose token could not be checked. It is not deleted: nothing has let it in, and one that was let in before must
 * not lose what it missed.
 */
function tryAgainLater(client: Client | undefined): Answer {
  const error = issuerUnreachable()
  const close = { code: 1013, reason: error.message } // "Try Again Later", IANA WebSocket Close Code Number Registry
  const frames = client?.subprotocol ? dialectOfSubprotocol[client.subprotocol].failure(error).frames : []
  return { frames, close }
}

/** A client of the legacy protocol sends `start` right behind `connection_init`: what is stored already is to be resumed here. */
async function resumeEarlyStarts(session: string, connectionId: string, { sessions, requestReplay }: Receiver) {
  for (const subscriber of await sessions.cutSubscriptions(session, connectionId)) {
    await requestReplay(replayTask(subscriber, { session }))
  }
}

type OperationMessage = Extract<ClientMessage, { readonly request: OperationRequest }>

async function runOperation(message: OperationMessage, received: ReceivedMessage, receiver: Receiver): Promise<Answer> {
  const { operations, contextFor, access, clients } = receiver
  const { client: found, operationIds, idIsInUse } = await lookUp(message, received.connectionId, receiver)
  const dialect = speaking(found, message)
  if (!found) return dialect.unregistered(message.id)
  if (dialect.name !== dialectOf(message)) {
    return dialect.protocolError(unknownMessageType(message.type === 'raw' ? undefined : message.id))
  }
  let client: Client | undefined = found
  if (dialect === current) {
    if (!client.acknowledged) return unauthorized
    if (idIsInUse) return subscriberAlreadyExists(message.id)
  }
  if (access.required && !client.identity) {
    client = dialect === legacy ? await awaitIdentity(client.connectionId, clients) : undefined
    if (!client) return dialect.refusal(message.id, unauthenticated())
  }
  const tooMany = await overRate(client, receiver)
  if (tooMany) return dialect.refusal(message.id, tooMany)
  const outcome = await operations.run(message.request, contextFor(client.identity))
  if (outcome.kind !== 'subscribed') {
    return withinFrameLimit(dialect.answer(message.id, outcome), (tooLarge) => dialect.refusal(message.id, tooLarge))
  }
  const refused = overLimit(message, operationIds, receiver.limits)
  if (refused) return dialect.refusal(message.id, refused)
  return subscribe({ client, dialect, message, outcome, received, receiver })
}

interface Asking {
  /** Undefined if it is not registered, or no longer. */
  readonly client: Client | undefined
  /** Of its subscriptions; empty where a query or mutation asks, for which they do not matter. */
  readonly operationIds: ReadonlySet<OperationId>
  readonly idIsInUse: boolean
}

/** Who asks, and what they have: one query for a subscription, which is counted, and otherwise reads by key. */
async function lookUp(
  { type, id, request }: OperationMessage,
  connectionId: string,
  { operations, clients }: Receiver,
): Promise<Asking> {
  if (operations.isSubscription(request)) {
    const { client, operationIds } = await clients.findWithSubscriptions(connectionId)
    return { client, operationIds, idIsInUse: operationIds.has(id) }
  }
  const [client, idIsInUse] = await Promise.all([
    clients.find(connectionId),
    type === 'subscribe' && clients.hasSubscription(connectionId, id),
  ])
  return { client, operationIds: new Set(), idIsInUse }
}

interface Subscribing {
  readonly client: Client
  readonly dialect: Dialect
  readonly message: OperationMessage
  readonly outcome: Extract<OperationOutcome, { readonly kind: 'subscribed' }>
  readonly received: ReceivedMessage
  readonly receiver: Receiver
}

async function subscribe({ client, dialect, message, outcome, received, receiver }: Subscribing): Promise<Answer> {
  const started = await startSubscription({
    client,
    operationId: message.id,
    topics: outcome.topics,
    replay: outcome.replay,
    shared: { callbackUrl: client.callbackUrl, dialect: dialect.name, request: outcome.request },
    whenInUse: dialect === current ? 'refuse' : 'replace',
    receivedAtMs: received.receivedAtMs,
    ...receiver,
  })
  return started === 'inUse' ? subscriberAlreadyExists(message.id) : dialect.answer(message.id, outcome)
}

async function overRate(client: Client, { clients, limits }: Receiver): Promise<GraphQLError | undefined> {
  const max = limits.maxOperationsPer10Seconds
  if (max === undefined || (await clients.countOperation(client, max))) return undefined
  return new GraphQLError(`A connection may begin at most ${max} operations in 10 seconds: wait, and send it again.`, {
    extensions: { code: 'RATE_LIMITED' },
  })
}

function overLimit(
  { id, request }: OperationMessage,
  operationIds: ReadonlySet<OperationId>,
  { maxSubscriptions, maxSubscriptionBytes }: Limits,
): GraphQLError | undefined {
  if (operationIds.size >= maxSubscriptions && !operationIds.has(id)) {
    return tooMuch(`A connection may have at most ${maxSubscriptions} subscriptions.`)
  }
  const bytes = Buffer.byteLength(request.query) + Buffer.byteLength(JSON.stringify(request.variables))
  if (bytes > maxSubscriptionBytes) {
    return tooMuch(
      `The document and variables of a subscription may be at most ${maxSubscriptionBytes} bytes together, but are ${bytes}.`,
    )
  }
  return undefined
}

function tooMuch(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED' } })
}

/** The dialect of a connection is its sub-protocol's. One that negotiated none may speak any, each message for itself. */
function speaking(client: Client | undefined, message: ClientMessage): Dialect {
  if (client?.subprotocol) return dialectOfSubprotocol[client.subprotocol]
  return dialects[dialectOf(message) ?? 'legacy']
}
