import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecutionResult } from 'graphql'
import type { Topic } from '../channels/topic'
import type { Listening } from '../channels/topic-source'
import type { Client } from '../clients/client'
import { type Cursor, isPending, type Position, type Resumable } from '../clients/cursors'
import { operationHash, type SharedOperation } from '../clients/items'
import { sessionKey } from '../clients/keys'
import { cursorOwner, seamMs } from '../clients/sessions'
import type { Subscriber } from '../clients/subscriber'
import type { OperationOutcome } from '../operations/outcome'
import { resumed } from '../operations/resumed'
import { memberId, memberText } from '../presence/members'
import type { OperationMessage } from '../protocol/client-message'
import type { DialectName } from '../protocol/dialect'
import { eventOverFrameLimit } from '../protocol/frame-limit'
import type { Receiver } from './receiver'

export interface StartingSubscription {
  readonly client: Client
  readonly message: OperationMessage
  readonly dialect: DialectName
  readonly outcome: Extract<OperationOutcome, { readonly kind: 'subscribed' }>
  readonly receivedAtMs: number
  readonly receiver: Receiver
}

/** Reads an initial state. */
type Initial = NonNullable<Listening['initial']>

/** What a subscription must receive before new events. */
interface Due {
  readonly position: (cursor: Cursor | undefined) => Position
  /** The result of its initial state, or the notice that some missed events have expired. */
  readonly first?: ExecutionResult
}

/** Reading the initial state failed, or it is too large for a message. */
interface Failed {
  readonly failed: ExecutionResult
}

/** The subscription was stored, with the present state of its room. */
interface Joined {
  readonly first: ExecutionResult
}

/**
 * How long a publisher is certain to wait for the subscription after its replay was requested (`maxStoringMs` in
 * lib/publisher/replay.ts), less a reserve. If storing the subscription takes longer, the replay is requested again.
 */
const surelyAwaitedMs = 2_000

/**
 * Stores a subscription, like `Clients.subscribe`. If it has to receive earlier events first, it is held back until a
 * publisher has replayed them: because it gives an `after`, because an earlier connection of its session left a cursor,
 * or because its field has an initial state. The replay is requested first, so that no subscription stays held if this
 * function dies in between.
 *
 * @returns the result to send if the initial state could not be read or is too large for a message; nothing is stored
 * then
 */
export async function startSubscription(
  starting: StartingSubscription,
): Promise<'stored' | 'superseded' | 'inUse' | Failed | Joined> {
  const { client, message, outcome, receivedAtMs, receiver } = starting
  const { log, topics, initial } = outcome.listening
  const operation = operationHash(sharedBy(starting), { topics, eventVariables: outcome.eventVariables })
  const { connectionId, session } = client
  const subscription = { connectionId, operationId: message.id, operation, beganAtMs: receivedAtMs }
  if (log === undefined) return initial ? join(subscription, initial, starting) : store(subscription, starting)

  const due = await dueTo(subscription, log, starting)
  if (due && 'failed' in due) return due
  if (!due) {
    const stored = await store(subscription, starting)
    if (stored === 'stored' && !client.acknowledged) await resumeIfInitialised(subscription, receiver)
    return stored
  }
  await receiver.sessions.cursors.begin(cursorOwner(session, connectionId), subscription, due.position)
  const request = () =>
    receiver.requestReplay({ replay: toSubscriber(subscription), receivedAtMs, session, first: due.first })
  const requestedAtMs = Date.now()
  await request()
  const stored = await store(subscription, starting, { held: true })
  if (stored === 'stored' && Date.now() - requestedAtMs > surelyAwaitedMs) await request()
  return stored
}

function sharedBy({ client, message, dialect }: StartingSubscription): SharedOperation {
  return { callbackUrl: client.callbackUrl, dialect, request: message.request }
}

function store(
  { operationId, operation }: Subscriber,
  starting: StartingSubscription,
  { held = false, member }: { readonly held?: boolean; readonly member?: string | undefined } = {},
) {
  const { client, outcome, receivedAtMs, receiver } = starting
  const { topics, log } = outcome.listening
  const subscription = { client, operationId, topics, log, operation, member, receivedAtMs, held }
  return receiver.clients.subscribe({ ...subscription, shared: sharedBy(starting) })
}

/** Maximum number of reads until the index lists the subscription. DynamoDB updates it shortly after the table. */
const maxLooks = 20

/**
 * Stores a subscription to a room, and reads the last state that was sent to its members. The index lists the
 * subscription by then, so it receives every later state.
 */
async function join(subscription: Subscriber, initial: Initial, starting: StartingSubscription) {
  const { client, outcome, receiver } = starting
  const { topics, member: info } = outcome.listening
  const member = info === undefined ? undefined : memberText({ id: memberId(topics[0], client), info })
  const stored = await store(subscription, starting, { member })
  if (stored !== 'stored') return stored
  const { isListed } = receiver.subscriptions
  for (let looks = 0; looks < maxLooks && !(await isListed({ ...subscription, topics })); looks++) await sleep(looks)
  return { first: (await stateFirst(initial, starting)).result }
}

/** The result of an initial state, as an event would have it. */
async function stateFirst(
  initial: Initial,
  { message: { request }, receiver: { operations, eventContext } }: StartingSubscription,
  sequence?: number,
): Promise<{ readonly result: ExecutionResult; readonly isRead: boolean }> {
  const event = { id: randomUUID(), ...(sequence !== undefined && { sequence }), publishedAt: new Date() }
  const root = await initial().then(
    (data) => ({ ...event, data }),
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  )
  return { result: await operations.respond(request, root, eventContext(event)), isRead: !(root instanceof Error) }
}

/** Determines what a subscription must receive first; undefined if nothing. */
async function dueTo(
  subscription: Resumable,
  log: Topic,
  starting: StartingSubscription,
): Promise<Due | Failed | undefined> {
  const { client, message, outcome, receiver } = starting
  const { after, initial } = outcome.listening
  const { resumeAfter } = message
  const { history, sessions } = receiver
  const found =
    client.session === undefined ? undefined : await sessions.cursors.find(sessionKey(client.session), subscription)
  const cursor = isPending(found) && !(found.initialDue && initial) ? found : undefined
  if (!cursor && after === undefined) {
    if (initial) return firstState(initial, log, starting)
    // The cursor has expired or belongs to another user, so it is unknown what is due. A client cannot claim events
    // that it never subscribed to.
    return resumeAfter && client.acknowledged ? incompletely({ after: await history.tail(log) }) : undefined
  }

  const lateSinceMs = resumeAfter === undefined ? undefined : resumeAfter.publishedAtMs - seamMs
  const claimed = lateSinceMs === undefined ? after : await history.sequenceBefore(log, lateSinceMs)
  const mayBeIncomplete = initial !== undefined || resumeAfter !== undefined
  const reached =
    cursor && (claimed !== undefined || mayBeIncomplete)
      ? (cursor.after ?? (await history.sequenceBefore(log, cursor.sinceMs ?? 0)))
      : 0
  const position: Due['position'] = (current) => laterOf(current ?? cursor, { claimed, lateSinceMs, reached })
  const isComplete =
    !cursor?.initialDue && (!mayBeIncomplete || (await history.keepsFrom(log, Math.max(claimed ?? 0, reached) + 1)))
  if (isComplete) return { position }
  return initial ? firstState(initial, log, starting) : incompletely(position(undefined))
}

/**
 * Combines the existing cursor with the position that the client claims: only what both may lack is due. The client may
 * have received events out of log order, so events that were still being delivered after the claimed time are due too.
 */
function laterOf(
  { sinceMs, after }: Position = {},
  {
    claimed,
    lateSinceMs,
    reached,
  }: { readonly claimed: number | undefined; readonly lateSinceMs: number | undefined; readonly reached: number },
): Position {
  if (claimed === undefined) return { sinceMs, after }
  const earlierMs = Math.min(sinceMs ?? Infinity, lateSinceMs ?? Infinity)
  return { sinceMs: earlierMs === Infinity ? undefined : earlierMs, after: Math.max(claimed, reached) }
}

/**
 * Tells a client that asks for cursors, before anything else, that the log no longer keeps all the events it may have
 * missed.
 */
function incompletely(position: Position): Due {
  return {
    first: resumed('incomplete'),
    position: () => ({ ...position, initialDue: true }),
  }
}

async function firstState(initial: Initial, log: Topic, starting: StartingSubscription): Promise<Due | Failed> {
  // Read before the state, which therefore includes every event up to this one.
  const tail = await starting.receiver.history.tail(log)
  const { result, isRead } = await stateFirst(initial, starting, tail)
  if (!isRead) return { failed: result }
  // The result is part of the replay request, and SNS accepts 256 KiB.
  const tooLarge = eventOverFrameLimit(JSON.stringify(result))
  if (tooLarge) return { failed: { errors: [tooLarge] } }
  return { first: result, position: () => ({ after: tail, initialDue: true }) }
}

/**
 * `connection_init` may have been acknowledged while the subscription was stored. Whichever finishes last finds the
 * other.
 */
async function resumeIfInitialised(subscription: Resumable, receiver: Receiver) {
  const client = await receiver.clients.find(subscription.connectionId)
  if (client?.session !== undefined) await resume([subscription], client.session, receiver)
}

/** Requests the replay of subscriptions that were stored before their client's session was known. They are not held. */
export async function resume(
  subscriptions: readonly Resumable[],
  session: string,
  { sessions, requestReplay }: Pick<Receiver, 'sessions' | 'requestReplay'>,
): Promise<void> {
  const owner = sessionKey(session)
  for (const subscription of subscriptions) {
    if (!isPending(await sessions.cursors.find(owner, subscription))) continue
    await sessions.cursors.begin(owner, subscription, (cursor) => ({ sinceMs: cursor?.sinceMs, after: cursor?.after }))
    await requestReplay({ replay: toSubscriber(subscription), receivedAtMs: subscription.beganAtMs, session })
  }
}

function toSubscriber({ connectionId, operationId, operation }: Subscriber): Subscriber {
  return { connectionId, operationId, operation }
}
