import { fullJitterMs } from '../backoff'
import type { HeldSubscription, HeldSubscriptions } from '../clients/held-subscriptions'
import type { Cut, Sessions } from '../clients/sessions'
import type { SendToSnsTopic } from '../aws/sns-topic'
import type { LogEntry } from '../history/entry'
import { lateAfterMs, type LateReadings } from '../history/late-readings'
import type { LogReader } from '../history/read'
import type { ReplayProgress, ReplayTask } from './assignment'
import type { Deliver } from '../gateway/connections'
import type { Clock } from './fan-out'
import { frameOfResult, type Responder, responseFrame, type ResponseFrame, restOfFrame } from './response-frame'

export interface Replayer extends Responder {
  readonly subscriptions: HeldSubscriptions
  readonly sessions: Sessions
  readonly log: LogReader
  readonly lateReadings: Pick<LateReadings, 'firstSince'>
  readonly deliver: Deliver
  readonly clock: Clock
  /** Gives a task to another invocation. */
  readonly handOn: SendToSnsTopic
  /** Posts of one frame that fail before the replay does; throttled ones are not counted. */
  readonly maxAttempts: number
}

export interface ReplayReport {
  /** Events that were posted. */
  readonly replayed: number
  /** How it ended: with all of it, because the subscription or the connection is over, or for lack of time. */
  readonly ended: 'complete' | 'over' | 'handedOn'
}

/** A frame could not be posted. The subscription goes on missing what it missed, until the replay is tried again. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError'
}

/** The index follows the table within a moment; longer than this it is not waited for. */
const maxListingMs = 5_000

const firstRetryMs = 100
const maxRetryMs = 5_000

/**
 * Gives a subscription what it missed, in its order, one after the other: from where it was cut, or after the number that its client
 * has. Then it is put into the index, and is given what was published until the index showed it. From there on publishers find it,
 * so nothing is left out; at the seam something may come twice.
 *
 * Throws a ReplayError if a frame could not be posted. It may be done again from the beginning at any time.
 */
export async function replay(task: ReplayTask, replayer: Replayer, deadlineMs: number): Promise<ReplayReport> {
  let replayed = 0
  const onPosted = () => replayed++
  for (let left: ReplayTask = task; ; left = { ...task, first: undefined, done: undefined }) {
    const outcome = await replayOnce(left, { ...replayer, deadlineMs, onPosted })
    if (outcome !== 'cutAgain') return { replayed, ended: outcome }
  }
}

interface Replaying extends Replayer {
  readonly deadlineMs: number
  readonly onPosted: () => void
}

async function replayOnce(task: ReplayTask, replaying: Replaying): Promise<ReplayReport['ended'] | 'cutAgain'> {
  const { subscriptions, sessions } = replaying
  const subscription = await subscriptions.find(task.replay)
  if (!subscription) return 'over'
  const cut = task.session === undefined ? undefined : await sessions.cutOf(task.session, subscription)
  if (!cut && !subscription.replaying) return 'complete' // another invocation was faster
  const from = await beginning(cut, { task, subscription, replaying })
  if (task.first !== undefined && !task.done) {
    const first = await postFrame(frameOfResult(subscription.shared, task.first), subscription, replaying)
    if (first === 'over') return 'over'
    if (first === 'timeUp') return handOn(task, undefined, replaying)
  }
  const before = await post(from.upTo, subscription, replaying)
  if (before.ended === 'over') return 'over'
  if (before.ended === 'timeUp') return handOn(task, { ...from, upTo: before.upTo }, replaying)
  if (subscription.held && !(await subscriptions.release(subscription))) return 'over'
  await untilListed(subscription, replaying)
  const since = await goBack({ ...from, upTo: before.upTo }, { task, subscription, replaying })
  const meanwhile = await post(since.upTo, subscription, replaying)
  if (meanwhile.ended === 'over') return 'over'
  if (meanwhile.ended === 'timeUp') return handOn(task, { ...since, upTo: meanwhile.upTo }, replaying)
  if (cut && !(await sessions.forget(cut))) return 'cutAgain'
  if (subscription.replaying) await subscriptions.finish(subscription)
  return 'complete'
}

interface Resuming {
  readonly task: ReplayTask
  readonly subscription: HeldSubscription
  readonly replaying: Replaying
}

/** Where the client may begin to lack something. The later of the two counts: what it has, and where it was cut. */
async function beginning(cut: Cut | undefined, resuming: Resuming): Promise<ReplayProgress> {
  const { after, done } = resuming.task
  if (done && done.note === cut?.note) return done
  const { log, receivedAtMs } = resuming.subscription
  const cutAtMs = cut?.cutAtMs ?? receivedAtMs
  const before = cut || after === undefined ? await resuming.replaying.log.sequenceBefore(log, cutAtMs) : 0
  const upTo = Math.max(after ?? 0, before)
  return goBack({ upTo, note: cut?.note, lateReadUntilMs: cutAtMs }, resuming)
}

/**
 * Goes back to the first event whose subscribers were read late, if one was since the last look: the subscription was not among
 * them, as long as the index did not have it. Not below the number that the client says to have.
 */
async function goBack(progress: ReplayProgress, resuming: Resuming): Promise<ReplayProgress> {
  const { task, subscription, replaying } = resuming
  const lateReadUntilMs = replaying.clock.now()
  // Noted by another clock, which may be behind.
  const first = await replaying.lateReadings.firstSince(subscription.log, progress.lateReadUntilMs - lateAfterMs)
  const upTo = first === undefined ? progress.upTo : Math.min(progress.upTo, Math.max(first - 1, task.after ?? 0))
  return { ...progress, upTo, lateReadUntilMs }
}

async function handOn(task: ReplayTask, done: ReplayProgress | undefined, replaying: Replaying) {
  await replaying.handOn({ ...task, done })
  return 'handedOn' as const
}

interface Posted {
  readonly ended: 'complete' | 'over' | 'timeUp'
  /** The number of the last event that needs no more posts. */
  readonly upTo: number
}

/** Posts what comes after a number to the newest event there is. */
async function post(after: number, subscription: HeldSubscription, replaying: Replaying): Promise<Posted> {
  let upTo = after
  for await (const page of replaying.log.pagesAfter(subscription.log, after)) {
    for (const entry of page) {
      if (replaying.clock.now() >= replaying.deadlineMs) return { ended: 'timeUp', upTo }
      const wanted = entry.topics.some((topic) => subscription.topics.includes(topic))
      const ended = wanted ? await postEntry(entry, subscription, replaying) : 'posted'
      if (ended !== 'posted') return { ended, upTo }
      upTo = entry.event.sequence
    }
  }
  return { ended: 'complete', upTo }
}

async function postEntry({ event }: LogEntry, subscription: HeldSubscription, replaying: Replaying) {
  return postFrame(await responseFrame(subscription.shared, event, replaying), subscription, replaying)
}

async function postFrame(frame: ResponseFrame, subscription: HeldSubscription, replaying: Replaying) {
  const { deliver, clock, deadlineMs, maxAttempts, sessions, onPosted } = replaying
  const delivering = { ...frame, connectionId: subscription.connectionId, rest: restOfFrame(frame, subscription) }
  for (let tries = 1, failures = 0; ; tries++) {
    const outcome = await deliver(delivering)
    if (outcome.kind === 'delivered') {
      onPosted()
      return 'posted'
    }
    if (outcome.kind === 'gone') {
      await sessions.end(subscription.connectionId, { atMs: clock.now(), exact: false })
      return 'over'
    }
    if (outcome.kind !== 'throttled') failures++
    const isFinal = outcome.kind !== 'throttled' && !(outcome.kind === 'failed' && outcome.retryable)
    if (isFinal || failures >= maxAttempts) throw new ReplayError(outcome.reason)
    const pauseMs = fullJitterMs({ attempt: tries, baseMs: firstRetryMs, maxMs: maxRetryMs })
    if (clock.now() + pauseMs >= deadlineMs) return 'timeUp'
    await clock.pause(pauseMs)
  }
}

/** Waits until the index has the subscription: whatever is published after that finds it there. */
async function untilListed(subscription: HeldSubscription, { subscriptions, clock }: Replaying): Promise<void> {
  const endMs = clock.now() + maxListingMs
  for (let tries = 1; clock.now() < endMs; tries++) {
    if (await subscriptions.isListed(subscription)) return
    await clock.pause(fullJitterMs({ attempt: tries, baseMs: 20, maxMs: 500 }))
  }
}
