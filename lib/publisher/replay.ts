import { fullJitterMs } from '../backoff'
import type { HeldSubscription, HeldSubscriptions } from '../clients/held-subscriptions'
import type { Cut, Sessions } from '../clients/sessions'
import type { SendToSnsTopic } from '../events/sns-topic'
import type { LogEntry } from '../message-log/entry'
import type { LogReader } from '../message-log/read-log'
import type { Operations } from '../operations/execute'
import type { ReplayTask } from './assignment'
import type { Deliver } from './deliver'
import type { Clock } from './fan-out'
import { responseFrame, restOfFrame } from './response-frame'

export interface Replayer {
  readonly subscriptions: HeldSubscriptions
  readonly sessions: Sessions
  readonly log: LogReader
  readonly operations: Operations
  readonly contextValue: unknown
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
  for (let left: ReplayTask = task; ; left = { ...task, done: undefined }) {
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
  const from = await beginning(task, { subscription, cut, log: replaying.log })
  const before = await post(from, subscription, replaying)
  if (before.ended === 'over') return 'over'
  if (before.ended === 'late') return handOn(task, { upTo: before.upTo, note: cut?.note }, replaying)
  if (subscription.held && !(await subscriptions.release(subscription))) return 'over'
  await untilListed(subscription, replaying)
  const meanwhile = await post(before.upTo, subscription, replaying)
  if (meanwhile.ended === 'over') return 'over'
  if (meanwhile.ended === 'late') return handOn(task, { upTo: meanwhile.upTo, note: cut?.note }, replaying)
  if (cut && !(await sessions.forget(cut))) return 'cutAgain'
  if (subscription.replaying) await subscriptions.finish(subscription)
  return 'complete'
}

interface Beginning {
  readonly subscription: HeldSubscription
  readonly cut: Cut | undefined
  readonly log: LogReader
}

/** The number after which the client may lack something. The later of the two counts: what it has, and where it was cut. */
async function beginning({ after, done }: ReplayTask, { subscription, cut, log }: Beginning): Promise<number> {
  if (done && done.note === cut?.note) return done.upTo
  if (cut) return Math.max(after ?? 0, await log.sequenceBefore(subscription.log, cut.cutAtMs))
  return after ?? (await log.sequenceBefore(subscription.log, subscription.receivedAtMs))
}

async function handOn(task: ReplayTask, done: ReplayTask['done'], replaying: Replaying) {
  await replaying.handOn({ ...task, done })
  return 'handedOn' as const
}

interface Posted {
  readonly ended: 'complete' | 'over' | 'late'
  /** The number of the last event that needs no more posts. */
  readonly upTo: number
}

/** Posts what comes after a number to the newest event there is. */
async function post(after: number, subscription: HeldSubscription, replaying: Replaying): Promise<Posted> {
  let upTo = after
  for await (const page of replaying.log.pagesAfter(subscription.log, after)) {
    for (const entry of page) {
      if (replaying.clock.now() >= replaying.deadlineMs) return { ended: 'late', upTo }
      const wanted = entry.topics.some((topic) => subscription.topics.includes(topic))
      const ended = wanted ? await postEntry(entry, subscription, replaying) : 'posted'
      if (ended !== 'posted') return { ended, upTo }
      upTo = entry.event.sequence
    }
  }
  return { ended: 'complete', upTo }
}

async function postEntry(entry: LogEntry, subscription: HeldSubscription, replaying: Replaying) {
  const { deliver, clock, deadlineMs, maxAttempts, sessions, onPosted } = replaying
  const frame = await responseFrame(subscription.shared, entry.event, replaying)
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
    if (clock.now() + pauseMs >= deadlineMs) return 'late'
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
