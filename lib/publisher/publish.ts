import type { Subscriber } from '../clients/subscriber'
import type { SubscriberPage } from '../clients/subscribers'
import { isEnded } from '../channels/completion'
import { messageOf } from '../errors'
import type { Delivery } from '../gateway/connections'
import { type Assignment, cutToMessages, everyone, type Pages } from './assignment'
import { cutOff, type Unservable } from './cut-off'
import { endSubscription } from './end-subscription'
import { createFanOut, type Posted, type Settled, type Unserved } from './fan-out'
import { frameCache } from './frame-cache'
import { lateRetries } from './latest-events'
import { handedOnMs, keptMs, type LateMarker, lateMarker } from './mark-late'
import type { Publisher } from './publisher'
import { type PageReading, readPages } from './read-pages'
import { deliveringOf, responseFrame } from './response-frame'

/** The outcome of an invocation. It counts recipients where a comment does not say otherwise. */
const noCounts = {
  delivered: 0,
  /** Their connections were already closed. */
  gone: 0,
  /**
   * Not served; their connections were closed, so their clients reconnect and receive the event in a replay. A
   * connection whose token has expired counts once, whatever the number of its subscriptions.
   */
  cutOff: 0,
  /** Not served, on an ephemeral channel: they miss the event. */
  dropped: 0,
  /** Not served, and left to another invocation. */
  handedOn: 0,
  /** Not served, and not retried: they are in the queue of failed events. */
  undelivered: 0,
  /** Posts that API Gateway throttled. */
  throttled: 0,
  /** Operations that were executed. */
  executions: 0,
}
export type PublishReport = Readonly<typeof noCounts>

/** Everything else was delivered; AWS rejected these messages, which hold the remaining work. */
export class HandOnError extends Error {
  override readonly name = 'HandOnError'
  readonly remaining: readonly Assignment[]

  constructor(remaining: readonly Assignment[], cause: unknown) {
    super(`The remainder of a publication could not be handed on: AWS rejected ${remaining.length} messages.`, {
      cause,
    })
    this.remaining = remaining
  }
}

/** The time limits of an invocation, in epoch milliseconds. */
export interface Times {
  /** No post is started from then on. Posts under way may take until their time-out. */
  readonly deadlineMs: number
  /** Everything after the posts is finished by then. */
  readonly endMs: number
}

/**
 * Delivers an event to all recipients of an assignment, each in the shape of its selection set. Each distinct operation
 * is executed once.
 *
 * Recipients are independent. A recipient that cannot be served (gone, expired or not reading) is cut off. If the time
 * runs out, the remaining recipients are handed on by name, so that no other is served twice, and cut off after the
 * last round. Pages of subscribers beyond `maxRecipients` are handed on as soon as they are found, so that their
 * publishers run in parallel.
 *
 * Throws a HandOnError if remaining work could not be handed on. Throws an Error if the assignment arrived too late too
 * often.
 */
export async function publish(
  given: Assignment,
  publisher: Publisher,
  { deadlineMs, endMs }: Times,
): Promise<PublishReport> {
  const { settings, clock, refusalRate } = publisher
  const assignment = inTime(given, publisher)
  const marker = lateMarker(assignment, publisher)
  const tally = createTally(assignment, publisher, marker)
  const { counts, settle: onSettled } = tally
  const remainder = remainderOf(assignment, publisher, { marker, counts })
  const post = poster(assignment, publisher, { marker, tally })
  const fanOut = createFanOut({ settings, clock, refusalRate, deadlineMs, post, onSettled })

  fanOut.add(assignment.recipients, assignment.round)
  const distinct = distinctOf(assignment)
  const onPage = ({ subscribers, expired }: SubscriberPage) => {
    for (const { connectionId } of expired) tally.expired(connectionId)
    fanOut.add(distinct(subscribers))
  }
  const bound = { max: settings.maxRecipients, taken: 0 }
  const pageOf = pageReader(assignment, publisher)
  const reading = { pageOf, onPage, fanOut, marker, clock, bound, leave: remainder.leavePages }
  await Promise.all(assignment.cursors.map((pages) => readPages(pages, reading)))
  const unserved = await fanOut.end()
  if (remainder.isLastRound)
    for (const { recipient, reason } of unserved) onSettled(recipient, { kind: 'stalled', reason })
  else await remainder.leaveRecipients(unserved)
  const notCutOff = await cutOff(tally.unservable.values(), publisher, endMs)
  await remainder.leaveRecipients(tally.recipientsOf(notCutOff))
  await remainder.throwIfKept()
  return counts
}

/**
 * Returns the assignment if its publisher begins in time. Otherwise the event's mark has expired, and a client that
 * reconnected in the meantime may not be among the remaining recipients: then all subscribers are served again.
 */
function inTime(assignment: Assignment, { clock, settings }: Publisher): Assignment {
  const { servedUntilMs, topics, round } = assignment
  if (servedUntilMs === undefined || clock.now() < servedUntilMs) return assignment
  if (round > settings.maxRounds) throw new Error(`A handed-on publication waited longer than 60 s, ${round} times.`)
  return { ...assignment, ...everyone(topics), round: round + 1, servedUntilMs: undefined }
}

/**
 * Reads a page of an event's recipients: all subscribers of a topic, or those of the one user whose subscriptions it
 * ends.
 */
function pageReader({ event: { completion } }: Assignment, { subscribers }: Publisher): PageReading['pageOf'] {
  const user = completion?.user
  return (topic, from) =>
    user === undefined ? subscribers.page(topic, from) : subscribers.pageOfUser(user, topic, from)
}

/**
 * Removes duplicates from the pages of an event with several tags: a subscription is listed under each tag that it
 * selects.
 */
function distinctOf({ cursors, event }: Assignment): (found: readonly Subscriber[]) => readonly Subscriber[] {
  // A subscription is listed under the key, or, if it selects tags, under these: of a key and one tag, only under one.
  if (cursors.length <= 2 && !event.completion) return (found) => found
  const seen = new Set<string>()
  return (found) =>
    found.filter(({ connectionId, operationId }) => {
      const key = JSON.stringify([connectionId, operationId])
      return !seen.has(key) && seen.add(key)
    })
}

/** A connection to cut off, with its recipients that did not receive the event. */
interface CutOffConnection extends Unservable {
  readonly recipients: Subscriber[]
}

type Tally = ReturnType<typeof createTally>

function createTally({ log, event }: Assignment, { onSettled }: Publisher, marker: LateMarker) {
  // An event of an ephemeral channel is dropped rather than cutting off its recipients. A completion must reach them.
  const mayMiss = log === undefined && !event.completion
  const counts = { ...noCounts }
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
    settle: (recipient: Subscriber, outcome: Settled) => {
      onSettled?.(recipient, outcome)
      switch (outcome.kind) {
        case 'delivered':
          counts.delivered++
          return
        case 'gone':
          counts.gone++
          add(recipient.connectionId, 'gone').recipients.push(recipient)
          return
        case 'tooLarge': // frame-limit.ts prevents this; a retry would fail too
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
    /** The token of the connection has expired. */
    expired: (connectionId: string) => {
      if (!unservable.has(connectionId)) counts.cutOff++
      add(connectionId, 'expired')
    },
    /** The recipients on connections that could not be cut off, with the reason for each. */
    recipientsOf: (notCutOff: ReadonlyMap<string, string>): readonly Unserved[] =>
      [...notCutOff].flatMap(([connectionId, reason]) =>
        (unservable.get(connectionId)?.recipients ?? []).map((recipient) => ({ recipient, reason })),
      ),
  }
}

/** Posts a recipient's frame. After one post to a connection returned `gone`, its other subscriptions are not tried. */
function poster(
  assignment: Assignment,
  publisher: Publisher,
  { marker, tally }: { readonly marker: LateMarker; readonly tally: Tally },
) {
  const { event } = assignment
  const isTooLate = lateRetries(assignment, publisher)
  const frameOf = frameCache(async (subscriber) => {
    const shared = await publisher.subscribers.operationOf(subscriber)
    if (!shared) return undefined
    tally.counts.executions++
    return responseFrame(shared, event, publisher)
  })
  /**
   * Undefined if the recipient has unsubscribed since it was found, or if its connection has ended: then its cursor
   * covers this event.
   */
  const postTo = async (recipient: Subscriber): Promise<Delivery | undefined> => {
    if (!event.completion) {
      const cached = frameOf(recipient)
      const frame = cached instanceof Promise ? await cached : cached
      return frame && publisher.deliver(deliveringOf(frame, recipient))
    }
    const found = await publisher.subscriptions.find(recipient)
    return found && isEnded(event.completion, found.receivedAtMs) ? endSubscription(found, publisher) : undefined
  }

  return async (recipient: Subscriber, tries: number): Promise<Posted> => {
    if (tally.unservable.get(recipient.connectionId)?.why === 'gone') return { kind: 'gone' }
    try {
      const marking = marker.renew()
      if (marking) await marking
      if (isTooLate && (await isTooLate(tries))) return { kind: 'nothing' }
      const outcome = await postTo(recipient)
      if (outcome?.kind === 'throttled') tally.counts.throttled++
      return outcome ?? { kind: 'nothing' }
    } catch (error) {
      return { kind: 'unable', reason: messageOf(error) }
    }
  }
}

/** Leaves the remaining work to another invocation, or to the queue of failed events after the last round. */
function remainderOf(
  { round, ...published }: Assignment,
  { handOn, giveUp, settings, clock }: Publisher,
  { marker, counts }: { readonly marker: LateMarker; readonly counts: typeof noCounts },
) {
  const kept: Assignment[] = []
  const errors: unknown[] = []
  const isLastRound = round + 1 >= settings.maxRounds
  const send = async (
    to: (message: Assignment) => Promise<void>,
    remaining: Pick<Assignment, 'cursors' | 'recipients' | 'round'>,
  ) => {
    for (const message of cutToMessages({ ...published, ...remaining })) {
      try {
        await to({ ...message, servedUntilMs: await marker.extend(handedOnMs) })
      } catch (error) {
        kept.push(message)
        errors.push(error)
      }
    }
  }
  const failed = (remaining: Pick<Assignment, 'cursors' | 'recipients'>, reason: string) =>
    isLastRound
      ? send((message) => giveUp(message, reason), { ...remaining, round: 0 })
      : send(handOn, { ...remaining, round: round + 1 })
  /** A page that cannot be read now is likely to fail for another invocation too, so it waits. */
  const pauseMs = () => firstPauseMs * 2 ** round * (1 + Math.random())

  return {
    isLastRound,

    leavePages: async (pages: Pages, failure?: string) => {
      const remaining = { cursors: [pages], recipients: [] }
      if (failure === undefined) return send(handOn, { ...remaining, round })
      if (!isLastRound) await clock.pause(pauseMs())
      return failed(remaining, failure)
    },

    async leaveRecipients(unserved: readonly Unserved[]) {
      const [first] = unserved
      if (!first) return
      counts[isLastRound ? 'undelivered' : 'handedOn'] += unserved.length
      await failed({ cursors: [], recipients: unserved.map(({ recipient }) => recipient) }, first.reason)
    },

    async throwIfKept() {
      if (kept.length === 0) return
      // If DynamoDB fails too, the retry begins after the earlier mark, so it serves all subscribers again.
      const servedUntilMs = await marker.extend(keptMs).catch(() => marker.untilMs)
      throw new HandOnError(
        kept.map((message) => ({ ...message, servedUntilMs })),
        errors[0],
      )
    },
  }
}

/** Doubled with each round, plus up to as much again. */
const firstPauseMs = 1_000
