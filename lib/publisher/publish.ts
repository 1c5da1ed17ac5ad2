import type { Subscriber } from '../clients/subscriber'
import { isEnded } from '../channels/completion'
import { messageOf } from '../errors'
import type { Delivery } from '../gateway/connections'
import { type Assignment, cutToMessages, everyone } from './assignment'
import { cutOff, type Unservable } from './cut-off'
import { endSubscription } from './end-subscription'
import { createFanOut, type Settled, type Unable, type Unserved } from './fan-out'
import { frameCache } from './frame-cache'
import { lateRetries } from './late-retries'
import { type LateMarker, lateMarker } from './mark-late'
import type { Publisher } from './publisher'
import { type PageReading, type PagesLeft, readPages } from './read-pages'
import { type ResponseFrame, responseFrame, restOfFrame } from './response-frame'

/** What an invocation came to, in recipients; `executions` in runs of operations. */
export interface PublishReport {
  readonly delivered: number
  /** Their connections were over. */
  readonly gone: number
  /** Not served, because they could not be: their connections were closed, and their clients come back for the event. */
  readonly cutOff: number
  /** Not served, likewise, with an event of a channel without a log: they miss it. */
  readonly dropped: number
  /** Not served in this invocation, and left to the next. */
  readonly handedOn: number
  /** Not served, and left to nobody: they are in the queue of failed events. */
  readonly undelivered: number
  /** Posts that API Gateway turned away for the moment. */
  readonly throttled: number
  readonly executions: number
}

/** The work is done, but for these messages, which AWS did not take. */
export class HandOnError extends Error {
  override readonly name = 'HandOnError'
  readonly left: readonly Assignment[]

  constructor(left: readonly Assignment[], cause: unknown) {
    super(`What is left of a publication could not be handed on, ${left.length} messages.`, { cause })
    this.left = left
  }
}

/** When an invocation has to be done, in epoch milliseconds. */
export interface Times {
  /** No post is started from then on; those under way may take their time-out. */
  readonly deadlineMs: number
  /** What comes after the posts is done by then. */
  readonly endMs: number
}

/**
 * Delivers an event to everyone it is assigned to, each in the form that its selection set asks for. Each distinct operation
 * is executed once.
 *
 * Each receiver is settled alone. Whoever cannot be served is cut off: gone, expired, or not reading. Whoever there was no time for is
 * handed on by name, so that nobody else is served again, and cut off after the last round. Pages of subscribers beyond
 * `maxRecipients` are handed on when they are found, so that their publishers run beside this one.
 *
 * Throws a HandOnError if the rest of the work could not be handed on, and an Error if it was handed on to this one too late, too often.
 */
export async function publish(
  given: Assignment,
  publisher: Publisher,
  { deadlineMs, endMs }: Times,
): Promise<PublishReport> {
  const { subscribers, settings, clock, refusalRate, onSettled: tell } = publisher
  const assignment = inTime(given, publisher)
  const marker = lateMarker(assignment, publisher)
  const tally = createTally(assignment, marker)
  const rest = restOf(assignment, publisher, { marker, counts: tally.counts })
  const post = poster({ assignment, publisher, tally, marker })
  const onSettled = (recipient: Subscriber, outcome: Settled) => {
    tally.settle(recipient, outcome)
    tell?.(recipient, outcome)
  }
  const settle = tell ? onSettled : tally.settle
  const fanOut = createFanOut({ settings, clock, refusalRate, deadlineMs, post, onSettled: settle })

  fanOut.add(assignment.recipients, assignment.round)
  const bound = { max: settings.maxRecipients, taken: 0 }
  const onExpired = (found: readonly Subscriber[]) => {
    for (const { connectionId } of found) tally.expired(connectionId)
  }
  const user = assignment.event.completion?.user
  const pageOf: PageReading['pageOf'] = (topic, from) =>
    user === undefined ? subscribers.page(topic, from) : subscribers.pageOfUser(user, topic, from)
  const distinct = distinctOf(assignment)
  const reading = { pageOf, fanOut, marker, clock, distinct, onExpired, bound, leave: rest.leavePages }
  await Promise.all(assignment.cursors.map((cursor) => readPages({ cursor, ...reading })))
  const left = await fanOut.end()
  if (rest.isLastRound) for (const { recipient, reason } of left) tally.settle(recipient, { kind: 'stalled', reason })
  else await rest.leaveRecipients(left)
  const notCutOff = await cutOff(tally.unservable.values(), publisher, endMs)
  await rest.leaveRecipients(tally.recipientsOf(notCutOff), { isFinal: rest.isLastRound })
  rest.throwIfKept()
  return tally.counts
}

/**
 * An assignment that was handed on, if its publisher begins in time. If not, nobody has kept the event marked, and a client that has come
 * back meanwhile may not be among those that are left: then everyone is served anew.
 */
function inTime(assignment: Assignment, { clock, settings }: Publisher): Assignment {
  const { servedUntilMs, topics, round } = assignment
  if (servedUntilMs === undefined || clock.now() < servedUntilMs) return assignment
  if (round > settings.maxRounds) throw new Error(`What was handed on came later than a minute, ${round} times.`)
  return { ...assignment, ...everyone(topics), round: round + 1, servedUntilMs: undefined }
}

/** What to leave out of the pages of an event with several tags, whose subscriptions are listed under each of those that they select. */
function distinctOf({ cursors, event }: Assignment): (found: readonly Subscriber[]) => readonly Subscriber[] {
  if (cursors.length <= 2 && !event.completion) return (found) => found // its key, and one tag
  const seen = new Set<string>()
  return (found) =>
    found.filter(({ connectionId, operationId }) => {
      const key = JSON.stringify([connectionId, operationId])
      return !seen.has(key) && seen.add(key)
    })
}

/** A connection that is to be cut off, with the recipients on it that did not get the event. */
interface CutOffConnection extends Unservable {
  readonly recipients: Subscriber[]
}

type Counts = { -readonly [Name in keyof PublishReport]: number }

interface Tally {
  readonly counts: Counts
  readonly unservable: ReadonlyMap<string, CutOffConnection>
  readonly settle: (recipient: Subscriber, outcome: Settled) => void
  /** A connection has outlived its token. */
  readonly expired: (connectionId: string) => void
  /** The recipients on connections that could not be cut off, with the reason of each. */
  readonly recipientsOf: (notCutOff: ReadonlyMap<string, string>) => readonly Unserved[]
}

function createTally({ log, event }: Pick<Assignment, 'log' | 'event'>, marker: LateMarker): Tally {
  // Nobody is cut off for an event that is not kept. Who is to be ended must not stay.
  const mayMiss = log === undefined && !event.completion

  const counts = {
    delivered: 0,
    gone: 0,
    cutOff: 0,
    dropped: 0,
    handedOn: 0,
    undelivered: 0,
    throttled: 0,
    executions: 0,
  }
  const unservable = new Map<string, CutOffConnection>()
  const add = (connectionId: string, why: Unservable['why']) => {
    const known = unservable.get(connectionId)
    if (known) return known
    const connection = { connectionId, why, missedAtMs: marker.dueMs, recipients: [] }
    unservable.set(connectionId, connection)
    return connection
  }
  return {
    counts,
    unservable,
    settle(recipient, outcome) {
      switch (outcome.kind) {
        case 'delivered':
          counts.delivered++
          return
        case 'gone':
          counts.gone++
          add(recipient.connectionId, 'gone').recipients.push(recipient)
          return
        case 'tooLarge': // which frame-limit.ts keeps from happening; it would happen again
          counts.undelivered++
          return
        case 'stalled':
        case 'forbidden':
        case 'failed':
          counts[mayMiss ? 'dropped' : 'cutOff']++
          if (!mayMiss) add(recipient.connectionId, 'stalled').recipients.push(recipient)
          return
        case 'nothing':
          return
      }
    },
    expired(connectionId) {
      if (!unservable.has(connectionId)) counts.cutOff++
      add(connectionId, 'expired')
    },
    recipientsOf: (notCutOff) =>
      [...notCutOff].flatMap(([connectionId, reason]) =>
        (unservable.get(connectionId)?.recipients ?? []).map((recipient) => ({ recipient, reason })),
      ),
  }
}

interface Posting {
  readonly assignment: Assignment
  readonly publisher: Publisher
  readonly tally: Tally
  readonly marker: LateMarker
}

/** Posts a recipient its frame. A connection that was found gone is not asked again for its other subscriptions. */
function poster({ assignment, publisher, tally, marker }: Posting) {
  const { event } = assignment
  const isTooLate = lateRetries(assignment, publisher)
  const frameOf = frameCache(async (subscriber) => {
    const shared = await publisher.subscribers.operationOf(subscriber)
    if (!shared) return undefined
    tally.counts.executions++
    return responseFrame(shared, event, publisher)
  })
  const postFrame = (frame: ResponseFrame, subscriber: Subscriber) =>
    publisher.deliver({
      callbackUrl: frame.callbackUrl,
      connectionId: subscriber.connectionId,
      head: frame.head,
      rest: restOfFrame(frame, subscriber),
    })

  /** Undefined if it has unsubscribed since it was found, or its connection has ended: then its cursor has this event. */
  const settle = async (recipient: Subscriber): Promise<Delivery | undefined> => {
    if (!event.completion) {
      const cached = frameOf(recipient)
      const frame = cached instanceof Promise ? await cached : cached
      return frame && postFrame(frame, recipient)
    }
    const found = await publisher.subscriptions.find(recipient)
    return found && isEnded({ event }, found.receivedAtMs) ? endSubscription(found, publisher) : undefined
  }

  return async (recipient: Subscriber): Promise<Delivery | { readonly kind: 'nothing' } | Unable> => {
    if (tally.unservable.get(recipient.connectionId)?.why === 'gone') return { kind: 'gone' }
    try {
      const marking = marker.renew()
      if (marking) await marking
      if (isTooLate && (await isTooLate(recipient))) return { kind: 'nothing' }
      const outcome = await settle(recipient)
      if (outcome?.kind === 'throttled') tally.counts.throttled++
      return outcome ?? { kind: 'nothing' }
    } catch (error) {
      return { kind: 'unable', reason: messageOf(error) }
    }
  }
}

/** Leaves what this invocation could not do: to another, or to the queue of failed events if there have been enough. */
function restOf(
  { round, ...published }: Assignment,
  { handOn, giveUp, settings, clock }: Publisher,
  { marker, counts }: { readonly marker: LateMarker; readonly counts: Counts },
) {
  const kept: Assignment[] = []
  const errors: unknown[] = []
  const isLastRound = round + 1 >= settings.maxRounds
  const send = async (
    to: (message: Assignment) => Promise<void>,
    left: Pick<Assignment, 'cursors' | 'recipients' | 'round'>,
  ) => {
    for (const message of cutToMessages({ ...published, ...left })) {
      try {
        await to({ ...message, servedUntilMs: await marker.extend() })
      } catch (error) {
        kept.push(message)
        errors.push(error)
      }
    }
  }
  const givingUp = (reason: string) => (message: Assignment) => giveUp(message, reason)
  /** A page that cannot be read now can hardly be read at once by another. */
  const pauseMs = () => firstPauseMs * 2 ** round * (1 + Math.random())

  return {
    isLastRound,

    leavePages: async ({ cursor, failure }: PagesLeft) => {
      const pages = { cursors: [cursor], recipients: [] }
      if (failure === undefined) return send(handOn, { ...pages, round })
      if (isLastRound) return send(givingUp(failure), { ...pages, round: 0 })
      await clock.pause(pauseMs())
      return send(handOn, { ...pages, round: round + 1 })
    },

    async leaveRecipients(unserved: readonly Unserved[], { isFinal = false } = {}) {
      const [first] = unserved
      if (!first) return
      const left = { cursors: [], recipients: unserved.map(({ recipient }) => recipient) }
      counts[isFinal ? 'undelivered' : 'handedOn'] += unserved.length
      if (isFinal) await send(givingUp(first.reason), { ...left, round: 0 })
      else await send(handOn, { ...left, round: round + 1 })
    },

    throwIfKept() {
      if (kept.length > 0) throw new HandOnError(kept, errors[0])
    },
  }
}

/** Doubled with each round, and up to twice as long. */
const firstPauseMs = 1_000
