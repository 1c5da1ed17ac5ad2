import { randomUUID } from 'node:crypto'
import type { ExecutionResult } from 'graphql'
import type { Topic } from '../channels/topic'
import type { Client } from '../clients/client'
import { operationHash, type SharedOperation } from '../clients/items'
import type { Subscriber } from '../clients/subscribers'
import type { NewSubscription } from '../clients/subscriptions'
import type { OperationOutcome } from '../operations/outcome'
import type { OperationId } from '../operations/request'
import { replayTask } from '../publisher/replay-task'
import type { Receiver } from './receiver'

export interface StartingSubscription {
  readonly client: Client
  readonly operationId: OperationId
  readonly outcome: Extract<OperationOutcome, { readonly kind: 'subscribed' }>
  readonly shared: SharedOperation
  readonly whenInUse: 'replace' | 'refuse'
  readonly receivedAtMs: number
  readonly receiver: Receiver
}

/** What a subscription is to be sent before what happens from now on. */
interface Replay {
  /** The number of the last event that the client has, or that its initial state contains. */
  readonly after?: number | undefined
  /** The result of its initial state. */
  readonly first?: ExecutionResult
  /** In place of that, if the initial state could not be read. */
  readonly failed?: ExecutionResult
}

/**
 * Stores a subscription, as `Clients.subscribe` does. If it wants what came before, because it says after which number, because it
 * was cut on an earlier connection of its session, or because its field has an initial state, it is held back until a publisher has
 * sent that.
 *
 * @returns the result of an initial state that could not be read: then nothing is stored
 */
export async function startSubscription(
  starting: StartingSubscription,
): Promise<'stored' | 'superseded' | 'inUse' | { readonly failed: ExecutionResult }> {
  const { client, operationId, outcome, shared, receiver } = starting
  const { log, topics } = outcome.listening
  const operation = operationHash(shared, { topics, eventVariables: outcome.eventVariables })
  const subscriber = { connectionId: client.connectionId, operationId, operation }
  if (log === undefined) return store(subscriber, starting)

  const wasCut = await isCut(client, subscriber, receiver)
  const replay = wasCut ? { after: outcome.listening.after } : await replayFor(log, starting)
  if (replay?.failed) return { failed: replay.failed }
  if (replay && !replay.first && !wasCut && client.session !== undefined) {
    await receiver.sessions.cutFromTheBeginning(client.session, subscriber)
  }
  const stored = await store(subscriber, starting, {
    held: replay !== undefined,
    initialDue: replay?.first !== undefined,
  })
  if (stored !== 'stored') return stored
  if (replay) await replayOrEnd(subscriber, replay, starting)
  else if (!client.acknowledged) await resumeIfInitialised(subscriber, receiver)
  return stored
}

function store(
  { operation }: Subscriber,
  { client, operationId, outcome, shared, whenInUse, receivedAtMs, receiver }: StartingSubscription,
  state: Pick<NewSubscription, 'held' | 'initialDue'> = {},
) {
  const { topics, log } = outcome.listening
  const subscription = { client, operationId, topics, log, shared, operation, whenInUse, receivedAtMs }
  return receiver.clients.subscribe({ ...subscription, ...state })
}

/** What a subscription that was not cut wants of the past; undefined if it wants nothing. */
async function replayFor(log: Topic, { outcome, receiver }: StartingSubscription): Promise<Replay | undefined> {
  const { listening, request } = outcome
  const { after, initial } = listening
  const { history, operations, eventContext } = receiver
  if (!initial || (after !== undefined && (await history.keepsFrom(log, after + 1)))) {
    return after === undefined ? undefined : { after }
  }
  // Read before the state, which therefore contains every event up to this one.
  const tail = await history.tail(log)
  const event = { id: randomUUID(), sequence: tail, publishedAt: new Date() }
  const root = await initial().then(
    (data) => ({ ...event, data }),
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  )
  const result = await operations.respond(request, root, eventContext(event))
  return root instanceof Error ? { failed: result } : { after: tail, first: result }
}

async function isCut({ session }: Client, subscriber: Subscriber, { sessions }: Receiver): Promise<boolean> {
  return session !== undefined && (await sessions.cutOf(session, subscriber)) !== undefined
}

/** What is held back and never released would be silent for ever: rather it is not there, and the client is told. */
async function replayOrEnd(
  subscriber: Subscriber,
  { after, first }: Replay,
  { client, receivedAtMs, receiver: { clients, requestReplay } }: StartingSubscription,
) {
  try {
    await requestReplay({ ...replayTask(subscriber, { session: client.session, after }), first })
  } catch (error) {
    await clients.unsubscribe({ ...subscriber, receivedAtMs })
    throw error
  }
}

/** `connection_init` may have been answered while the subscription was stored: one of the two finds the other. */
async function resumeIfInitialised(subscriber: Subscriber, receiver: Receiver) {
  const client = await receiver.clients.find(subscriber.connectionId)
  if (client && (await isCut(client, subscriber, receiver))) {
    await receiver.requestReplay(replayTask(subscriber, { session: client.session }))
  }
}
