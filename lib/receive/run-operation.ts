import type { GraphQLError } from 'graphql'
import { unauthenticated } from '../authentication/refusals'
import type { Client } from '../clients/client'
import type { ClientWithSubscriptions } from '../clients/clients'
import { dialectOf, type OperationMessage } from '../protocol/client-message'
import { current, subscriberAlreadyExists, unauthorized } from '../protocol/current'
import { type Answer, type Dialect, unknownMessageType } from '../protocol/dialect'
import { dialectFor } from '../protocol/dialects'
import { eventWithinFrameLimit, withinFrameLimit } from '../protocol/frame-limit'
import { legacy } from '../protocol/legacy'
import { awaitInitialised } from './await-initialised'
import { overLimit, overRate } from './limits'
import type { ReceivedMessage, Receiver } from './receiver'
import { startSubscription } from './start-subscription'

/** Runs an operation: executes a query or mutation, and stores a subscription. */
export async function runOperation(
  message: OperationMessage,
  received: ReceivedMessage,
  receiver: Receiver,
): Promise<Answer> {
  const caller = await findCaller(message, received.connectionId, receiver)
  const dialect = dialectFor(caller.client?.subprotocol, message)
  // An `error` would end the subscription that the client wants to resume.
  if (!caller.client) return (message.request.withCursors ? current : dialect).unregistered(message.id)
  const refused = protocolRefusal(message, { dialect, client: caller.client, idIsInUse: caller.idIsInUse })
  if (refused) return refused
  const refusal = (error: GraphQLError) => dialect.refusal(message.id, error)
  const tooMany = await overRate(caller.client, receiver)
  if (tooMany) return refusal(tooMany)
  const client = await identified(caller.client, dialect, receiver)
  if (!client) return refusal(unauthenticated())
  const tooMuch = caller.subscribes && overLimit(message, caller.operationIds, receiver.limits)
  if (tooMuch) return refusal(tooMuch)
  const outcome = await receiver.operations.run(message.request, await receiver.contextFor(client.identity))
  if (outcome.kind !== 'subscribed') return withinFrameLimit(dialect.answer(message.id, outcome), refusal)
  // Only the session tells whether the initial state, or a replay, has to come before new events.
  const needsSession = dialect === legacy && (outcome.listening.initial ?? message.request.withCursors)
  const known = needsSession ? await awaitInitialised(client, receiver.clients) : client
  if (!known) return refusal(unauthenticated())
  const { receivedAtMs } = received
  const starting = { client: known, message, dialect: dialect.name, outcome, receivedAtMs, receiver }
  const started = await startSubscription(starting)
  if (started === 'inUse') return subscriberAlreadyExists(message.id)
  if (typeof started === 'string') return { frames: [] }
  if ('failed' in started) return dialect.answer(message.id, { kind: 'result', result: started.failed })
  const head = dialect.eventHead(eventWithinFrameLimit(JSON.stringify(started.first)))
  return { frames: [head + dialect.eventEnd(message.id)] }
}

/** The sender of an operation. A query or mutation does not need the ids of its subscriptions: they are empty. */
interface Caller extends ClientWithSubscriptions {
  /** Whether the operation is a subscription. */
  readonly subscribes: boolean
  readonly idIsInUse: boolean
}

/** One query for a subscription, because subscriptions are counted; otherwise reads by key. */
async function findCaller(
  { type, id, request }: OperationMessage,
  connectionId: string,
  { operations, clients }: Receiver,
): Promise<Caller> {
  if (operations.isSubscription(request)) {
    const found = await clients.findWithSubscriptions(connectionId)
    return { ...found, subscribes: true, idIsInUse: found.operationIds.has(id) }
  }
  const [client, idIsInUse] = await Promise.all([
    clients.find(connectionId),
    type === 'subscribe' && clients.hasSubscription({ connectionId, operationId: id }),
  ])
  return { client, subscribes: false, operationIds: new Set(), idIsInUse }
}

function protocolRefusal(
  message: OperationMessage,
  { dialect, client, idIsInUse }: { readonly dialect: Dialect; readonly client: Client; readonly idIsInUse: boolean },
): Answer | undefined {
  if (dialect.name !== dialectOf(message)) {
    return dialect.protocolError(unknownMessageType(message.type === 'raw' ? undefined : message.id))
  }
  if (dialect !== current) return undefined
  if (!client.acknowledged) return unauthorized
  return idIsInUse ? subscriberAlreadyExists(message.id) : undefined
}

/**
 * The client, including the identity from a `connection_init` that is being processed. Undefined if it may not run an
 * operation: the stage requires an identity and it has none, or its connection was refused in the meantime.
 */
async function identified(
  client: Client,
  dialect: Dialect,
  { access, clients }: Receiver,
): Promise<Client | undefined> {
  const mayShowToken = access.takesTokens && dialect === legacy && !client.identity
  const known = mayShowToken ? await awaitInitialised(client, clients) : client
  return known?.identity || !access.required ? known : undefined
}
