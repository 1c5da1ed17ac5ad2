import type { Subscriber } from '../clients/subscribers'
import type { SendToSnsTopic } from '../aws/sns-topic'
import { type Assignment, cutToMessages, type Undelivered } from './assignment'
import { cutOff } from './cut-off'
import { endSubscription } from './end-subscription'
import type { Delivery } from '../gateway/connections'
import { expiryEnder } from './end-expired'
import { createFanOut, type Settled, type Unserved } from './fan-out'
import { frameCache } from './frame-cache'
import { lateRetries } from './late-retries'
import { lateReadingNoter } from './note-late-reading'
import { type PageReading, type PagesLeft, readPages } from './read-pages'
import { type ResponseFrame, responseFrame, restOfFrame } from './response-frame'
import { isEnded } from '../channels/completion'
import { messageOf } from '../errors'
import type { Publisher } from './publisher'

/** What an invocation came to, in recipients; `executions` in runs of operations. */
export interface PublishReport {
  readonly delivered: number
  readonly gone: number
  /** Not served in this invocation, and left to the next. */
  readonly handedOn: number
  /** Not served, and left to nobody. */
  readonly undelivered: number
  /** Posts that API Gateway turned away for the moment. */
  readonly throttled: number
  readonly executions: number
}

/** The work is done, but for these messages, which SNS did not take. */
export class HandOnError extends Error {
  override readonly name = 'HandOnError'
  readonly left: readonly Assignment[]

  constructor(left: readonly Assignment[], cause: unknown) {
    super(`What is left of a publication could not be handed on, ${left.length} messages.`, { cause })
    this.left = left
  }
}

/**
 * Delivers an event to everyone it is assigned to, each in the form that its selection set asks for. Each distinct operation
 * is executed once. No post is started after `deadlineMs` (epoch milliseconds); those under way may take their time-out.
 *
 * Each receiver is settled alone. One that is gone is deleted. Whoever could not be served is handed on by name, so that
 * nobody else is served again, and goes to the dead letters after the last round; whoever never can be, at once. Pages of
 * subscribers beyond `maxRecipients` are handed on when they are found, so that their publishers run beside this one.
 *
 * Whoever has expired is told so instead, and deleted. Who cannot be told in this invocation is left to the next publication.
 *
 * Throws a HandOnError if the rest of the work could not be handed on.
 */
export async function publish(
  assignment: Assignment,
  publisher: Publisher,
  deadlineMs: number,
): Promise<PublishReport> {
  const { subscribers, settings, clock } = publisher
  const tally = createTally()
  const rest = restOf(assignment, publisher)
  const expired = new Set<Subscriber>()
  const post = poster({ assignment, publisher, tally, expired })
  const { onSettled: tell } = publisher
  const settleAndTell = (recipient: Subscriber, outcome: Settled) => {
    tally.settle(recipient, outcome)
    tell?.(recipient, outcome)
  }
  const fanOut = createFanOut({ settings, clock, deadlineMs, post, onSettled: tell ? settleAndTell : tally.settle })

  fanOut.add(assignment.recipients, assignment.round)
  const bound = { max: settings.maxRecipients, taken: 0 }
  const leave = rest.leavePages
  const onExpired = (found: readonly Subscriber[]) => {
    for (const subscriber of found) expired.add(subscriber)
  }
  const beforePage = lateReadingNoter(assignment, publisher)
  const user = assignment.event.completion?.user
  const pageOf: PageReading['pageOf'] = (topic, from) =>
    user === undefined ? subscribers.page(topic, from) : subscribers.pageOfUser(user, topic, from)
  const distinct = distinctOf(assignment)
  const reading = { pageOf, fanOut, beforePage, distinct, onExpired, bound, leave }
  await Promise.all(assignment.cursors.map((cursor) => readPages({ cursor, ...reading })))
  const left = await fanOut.end()
  const unserved = left.filter(({ recipient }) => !expired.has(recipient))
  const notCutOff = await cutOff(tally.gone, assignment, publisher)

  await Promise.all([rest.leaveRecipients([...unserved, ...notCutOff]), rest.giveUpOn(tally.refused)])
  rest.throwIfKept()
  return { ...tally.counts, ...rest.counts }
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

interface Tally {
  readonly counts: { delivered: number; gone: number; throttled: number; executions: number }
  /** Connections that are over, each with the subscriptions that this event was not delivered to. */
  readonly gone: Map<string, Subscriber[]>
  /** Recipients that no other try can serve. */
  readonly refused: Unserved[]
  readonly settle: (recipient: Subscriber, outcome: Settled) => void
}

function createTally(): Tally {
  const counts = { delivered: 0, gone: 0, throttled: 0, executions: 0 }
  const gone = new Map<string, Subscriber[]>()
  const refused: Unserved[] = []
  return {
    counts,
    gone,
    refused,
    settle(recipient, outcome) {
      switch (outcome.kind) {
        case 'delivered':
          counts.delivered++
          return
        case 'gone':
          counts.gone++
          gone.set(recipient.connectionId, [...(gone.get(recipient.connectionId) ?? []), recipient])
          return
        case 'tooLarge':
        case 'forbidden':
        case 'failed':
          refused.push({ recipient, reason: outcome.reason })
          return
        case 'nothing':
          return
      }
    },
  }
}

interface Nothing {
  readonly kind: 'nothing'
}

interface Posting {
  readonly assignment: Assignment
  readonly publisher: Publisher
  readonly tally: Tally
  /** Those who are to be told that they have expired. */
  readonly expired: ReadonlySet<Subscriber>
}

/** Posts a recipient its frame. A connection that was found gone is not asked again for its other subscriptions. */
function poster({ assignment, publisher, tally, expired }: Posting) {
  const { event } = assignment
  const end = expiryEnder(publisher)
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

  const counted = <Outcome extends Delivery | Nothing>(outcome: Outcome): Outcome => {
    if (outcome.kind === 'throttled') tally.counts.throttled++
    return outcome
  }

  return async (recipient: Subscriber): Promise<Delivery | Nothing> => {
    if (tally.gone.has(recipient.connectionId)) return { kind: 'gone' }
    try {
      if (isTooLate && (await isTooLate(recipient))) return { kind: 'nothing' }
      if (expired.has(recipient)) return counted(await end(recipient))
      if (event.completion) {
        const found = await publisher.subscribers.find(recipient)
        if (found && !isEnded({ event }, found.receivedAtMs)) return { kind: 'nothing' }
        if (found) return counted(await endSubscription(found, publisher))
      } else {
        const cached = frameOf(recipient)
        const frame = cached instanceof Promise ? await cached : cached
        if (frame) return counted(await postFrame(frame, recipient))
      }
      // It has unsubscribed since it was found, or its connection has ended: then it misses this event.
      return { kind: (await publisher.sessions.leftBy(recipient.connectionId)) === undefined ? 'nothing' : 'gone' }
    } catch (error) {
      const reason = messageOf(error)
      return { kind: 'failed', retryable: true, reason }
    }
  }
}

/** Leaves what this invocation could not do: to another, or to the dead letters if there have been enough. */
function restOf(
  { event, log, latest, correlationId, requestedAt, round }: Assignment,
  { handOn, giveUp, settings }: Publisher,
) {
  const published = { event, log, latest, correlationId, requestedAt }
  const counts = { handedOn: 0, undelivered: 0 }
  const kept: Assignment[] = []
  const errors: unknown[] = []
  const send = async (to: SendToSnsTopic, message: Assignment) => {
    try {
      await to(message)
    } catch (error) {
      kept.push(message)
      errors.push(error)
    }
  }
  const handOnAll = async (assignment: Assignment) => {
    counts.handedOn += assignment.recipients.length
    for (const message of cutToMessages(assignment)) await send(handOn, message)
  }
  const giveUpAll = async (undelivered: Undelivered) => {
    counts.undelivered += undelivered.recipients.length
    for (const message of cutToMessages(undelivered)) await send(giveUp, message)
  }
  const isLastRound = round + 1 >= settings.maxRounds
  const giveUpOn = async (unserved: readonly Unserved[]) => {
    const recipients = unserved.map(({ recipient, reason }) => ({ ...recipient, reason }))
    if (recipients.length > 0) await giveUpAll({ ...published, cursors: [], recipients, round: 0 })
  }

  return {
    counts,
    giveUpOn,

    leavePages: async ({ cursor, failure }: PagesLeft) => {
      const pages = { ...published, cursors: [cursor], recipients: [] }
      if (failure === undefined) await handOnAll({ ...pages, round })
      else if (!isLastRound) await handOnAll({ ...pages, round: round + 1 })
      else await giveUpAll({ ...pages, round: 0, reason: failure })
    },

    async leaveRecipients(unserved: readonly Unserved[]) {
      const recipients = unserved.map(({ recipient }) => recipient)
      if (isLastRound) await giveUpOn(unserved)
      else if (recipients.length > 0) await handOnAll({ ...published, cursors: [], recipients, round: round + 1 })
    },

    throwIfKept() {
      if (kept.length > 0) throw new HandOnError(kept, errors[0])
    },
  }
}
