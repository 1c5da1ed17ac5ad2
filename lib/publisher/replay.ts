import { fullJitterMs } from '../backoff'
import { type Cursor, isPending, type Progress } from '../clients/cursors'
import type { StoredSubscription, StoredSubscriptions } from '../clients/stored-subscriptions'
import { cursorOwner, type Sessions } from '../clients/sessions'
import type { SendToSnsTopic } from '../aws/sns-topic'
import type { LogEntry } from '../history/entry'
import type { LateMarks } from '../history/late-marks'
import type { LogReader } from '../history/read'
import type { Topic } from '../channels/topic'
import type { ReplayTask } from './assignment'
import type { Deliver, Delivery } from '../gateway/connections'
import { isEnded } from '../channels/completion'
import { cutOff, type CutOff } from './cut-off'
import { endSubscription } from './end-subscription'
import { markMs } from './mark-late'
import type { Times } from './publish'
import { resumed } from '../operations/resumed'
import { frameOfResult, type Responder, responseFrame, type ResponseFrame, restOfFrame } from './response-frame'
import type { TokenBucket } from './token-bucket'

export interface Replayer extends Responder, CutOff {
  readonly subscriptions: StoredSubscriptions
  readonly sessions: Pick<Sessions, 'cursors' | 'isHeldBy' | 'cut' | 'remove'>
  readonly log: LogReader
  readonly lateMarks: Pick<LateMarks, 'since'>
  readonly deliver: Deliver
  /** Makes replays keep to the rate of the publisher. */
  readonly bucket: TokenBucket
  /** Gives a task to another invocation. */
  readonly handOn: SendToSnsTopic
}

export interface ReplayReport {
  /** Frames that were posted. */
  readonly replayed: number
  /**
   * How it ended: with all of it; because the subscription or the connection is over, or is replayed elsewhere; because its connection
   * did not take it, or has outlived its token; or for lack of time.
   */
  readonly ended: 'complete' | 'over' | 'cutOff' | 'handedOn'
}

/** A `start` stores its subscription behind its request for a replay; longer than this it is not waited for. */
const maxStoringMs = 3_000

/** The index follows the table within a moment; longer than this it is not waited for. */
const maxListingMs = 5_000

/** For the other replicas of the index: that one has the subscription does not say that all have. */
const settlingMs = 500

const firstRetryMs = 100
const maxRetryMs = 1_000

/**
 * Posts of one frame in a row that are refused, whatever the reason, before the connection is cut off: some 3 s. With half of all posts
 * throttled, one frame in a thousand is refused so often. A connection that took neither the last replay nor the one before is tried for
 * less and less: whoever never reads is to cost little, however often it comes back.
 */
const refusalsAfterStalls = [10, 5]
const fewestRefusals = 3

/** Invocations in a row that run out of time without posting anything. */
const maxIdleRounds = 3

/**
 * Gives a subscription what is due after its cursor, in its order, one after the other, and what was marked as served late since. Then
 * it is put into the index, and is given what was published until the index showed it. From there on publishers find it, so
 * nothing is left out; at the seam something may come twice.
 *
 * After each page the cursor says how far it has got, so it may be done again at any time.
 */
export async function replay(task: ReplayTask, replayer: Replayer, times: Times): Promise<ReplayReport> {
  const replaying = { ...replayer, ...times, posted: 0, postedLate: new Set<number>() }
  const ended = await replayPages(task, replaying)
  if (ended === 'cutOff') {
    const { connectionId } = task.replay
    const notCutOff = await cutOff([{ connectionId, why: 'stalled' }], replayer, times.endMs)
    for (const reason of notCutOff.values()) throw new Error(`A connection could not be cut off: ${reason}`)
  }
  if (ended === 'handedOn') {
    const idleRounds = replaying.posted > 0 ? 0 : (task.idleRounds ?? 0) + 1
    await replayer.handOn({ ...task, idleRounds })
  }
  return { replayed: replaying.posted, ended }
}

interface Replaying extends Replayer, Times {
  posted: number
  /** The numbers of the events that were posted for having been served late: some are still marked at the second look. */
  readonly postedLate: Set<number>
}

/** Why no more is posted. `completed`: the application has ended the subscription. */
type Stop = Exclude<ReplayReport['ended'], 'complete'> | 'completed'

async function replayPages(task: ReplayTask, replaying: Replaying): Promise<ReplayReport['ended']> {
  const { subscriptions, sessions } = replaying
  const { connectionId } = task.replay
  const owner = cursorOwner(task.session, connectionId)
  const subscription = await findStored(task, replaying)
  if (!subscription) return 'over'
  // It may not be in the index, where publishers find what has expired: then nobody else would close its connection.
  if (subscription.isExpired) return 'cutOff'
  for (;;) {
    const cursor = await sessions.cursors.find(owner, subscription)
    if (!isPending(cursor) || cursor.target !== connectionId) {
      if (isPending(cursor) && (await wasCutOff(cursor, task, sessions))) return 'cutOff'
      // Another invocation was faster, or another connection has taken the session.
      if (subscription.held) await subscriptions.release(subscription)
      return 'over'
    }
    if ((task.idleRounds ?? 0) >= maxIdleRounds && replaying.posted === 0) return 'cutOff'
    const { beganAtMs, stalls = 0 } = cursor
    const maxRefusals = refusalsAfterStalls[stalls] ?? fewestRefusals
    const ended = await replayFrom(cursor, { task, subscription, replaying, beganAtMs, maxRefusals })
    if (ended === 'completed') return 'over'
    if (ended !== 'outdated') return ended
  }
}

/** An earlier try put the cursor, but could not close the connection, so its client would not hear of what it missed. */
async function wasCutOff({ target }: Cursor, { session, replay }: ReplayTask, sessions: Replayer['sessions']) {
  return target === undefined && session !== undefined && sessions.isHeldBy(session, replay.connectionId)
}

interface Resuming {
  readonly beganAtMs: number
  readonly maxRefusals: number
  readonly task: ReplayTask
  readonly subscription: LoggedSubscription
  readonly replaying: Replaying
}

/** `outdated`: the cursor was written by somebody else meanwhile. */
async function replayFrom(given: Cursor, resuming: Resuming): Promise<'complete' | Stop | 'outdated'> {
  const { task, subscription, replaying } = resuming
  const { subscriptions, sessions, clock, log } = replaying
  let cursor = given
  let progress = given.progress ?? (await firstProgress(given, resuming))
  const advance = async (changes: Partial<Progress>): Promise<boolean> => {
    progress = { ...progress, ...changes, atMs: clock.now() }
    const stalls = progress.isDone ? undefined : cursor.stalls
    const advanced = await sessions.cursors.advance({ ...cursor, stalls }, progress)
    if (advanced) cursor = advanced
    return advanced !== undefined
  }

  if (cursor.initialDue && !cursor.progress && task.first !== undefined) {
    const stop = await postFrame(frameOfResult(subscription.shared, task.first), resuming)
    if (stop) return stop
    if (!(await advance({}))) return 'outdated'
  }
  for (const isReleased of [false, true]) {
    if (isReleased) {
      if (subscription.held && !(await subscriptions.release(subscription))) return 'over'
      await untilListed(subscription, replaying)
    }
    const lookedAtMs = clock.now()
    const stop = await postLate(progress, resuming)
    if (stop === 'completed') await advance({ isDone: true })
    if (stop) return stop
    // Marked by another clock, which may be behind.
    if (progress.lateSinceMs !== undefined) progress = { ...progress, lateSinceMs: lookedAtMs - markMs }
    for await (const page of log.pagesAfter(subscription.log, progress.upTo)) {
      if (page.length === 0) continue
      const { upTo, stop } = await postPage(page, progress.upTo, resuming)
      if (stop === 'over') return stop
      if (!(await advance({ upTo, isDone: stop === 'completed' }))) return 'outdated'
      if (stop) return stop
      const found = await subscriptions.find(subscription)
      if (!found) return 'over'
      if (found.isExpired) return 'cutOff'
    }
  }
  if (subscription.shared.request.withCursors) {
    const stop = await postFrame(frameOfResult(subscription.shared, resumed('complete')), resuming)
    if (stop) return stop
  }
  return (await advance({ isDone: true })) ? 'complete' : 'outdated'
}

async function firstProgress({ after, sinceMs }: Cursor, { subscription, replaying }: Resuming): Promise<Progress> {
  const from = after ?? (await replaying.log.sequenceBefore(subscription.log, sinceMs ?? 0))
  return { from, upTo: from, lateSinceMs: sinceMs, atMs: replaying.clock.now(), isDone: false }
}

/** Posts what lies before the cursor, but was still served to others after its time. */
async function postLate({ from, lateSinceMs }: Progress, resuming: Resuming): Promise<Stop | undefined> {
  if (lateSinceMs === undefined || from === 0) return undefined
  const { subscription, replaying } = resuming
  const marked = await replaying.lateMarks.since(subscription.log, lateSinceMs, from)
  const late = new Set(marked.filter((sequence) => !replaying.postedLate.has(sequence)))
  const [first] = late
  if (first === undefined) return undefined
  for await (const page of replaying.log.pagesAfter(subscription.log, first - 1)) {
    const due = page.filter(({ event }) => late.has(event.sequence))
    const { stop } = await postPage(due, first, resuming)
    if (stop) return stop
    for (const { event } of due) replaying.postedLate.add(event.sequence)
    if ((page.at(-1)?.event.sequence ?? from) >= from) return undefined
  }
  return undefined
}

/** @returns the number of the last event that needs no more posts, and why it is not that of the page's last one */
async function postPage(page: readonly LogEntry[], before: number, resuming: Resuming) {
  const { subscription, replaying } = resuming
  let upTo = before
  for (const entry of page) {
    if (replaying.clock.now() >= replaying.deadlineMs) return { upTo, stop: 'handedOn' as const }
    if (isEnded(entry, resuming.beganAtMs)) {
      const stop = await postUntilTaken(() => endSubscription(subscription, replaying), resuming)
      return { upTo, stop: stop ?? ('completed' as const) }
    }
    if (entry.topics.some((topic) => subscription.topics.includes(topic))) {
      const stop = await postFrame(await responseFrame(subscription.shared, entry.event, replaying), resuming)
      if (stop) return { upTo, stop }
    }
    upTo = entry.event.sequence
  }
  return { upTo, stop: undefined }
}

function postFrame(frame: ResponseFrame, resuming: Resuming): Promise<Stop | undefined> {
  const { subscription, replaying } = resuming
  const { connectionId } = subscription
  const delivering = { ...frame, connectionId, rest: restOfFrame(frame, subscription) }
  return postUntilTaken(() => replaying.deliver(delivering), resuming)
}

/** @returns why no more is posted, if it was not taken */
async function postUntilTaken(
  post: () => Promise<Delivery>,
  { subscription: { connectionId }, replaying, maxRefusals }: Resuming,
): Promise<Stop | undefined> {
  const { clock, deadlineMs, sessions, bucket } = replaying
  for (let refusals = 0; ;) {
    for (let waitMs = bucket.take(); waitMs > 0; waitMs = bucket.take()) await clock.pause(waitMs)
    const outcome = await post()
    switch (outcome.kind) {
      case 'delivered':
      case 'tooLarge': // which frame-limit.ts keeps from happening; it would happen again
        replaying.posted++
        return undefined
      case 'gone':
        await sessions.remove(await sessions.cut(connectionId, { atMs: clock.now() }))
        return 'over'
      case 'throttled':
      case 'failed':
      case 'forbidden':
        refusals++
    }
    if (refusals >= maxRefusals) return 'cutOff'
    const pauseMs = fullJitterMs({ attempt: refusals, baseMs: firstRetryMs, maxMs: maxRetryMs })
    if (clock.now() + pauseMs >= deadlineMs) return 'handedOn'
    await clock.pause(pauseMs)
  }
}

/** A subscription to a channel that has a log. */
type LoggedSubscription = StoredSubscription & { readonly log: Topic }

/** Waits until a subscription is there that was about to be stored when its replay was requested. */
async function findStored(
  { replay, receivedAtMs }: ReplayTask,
  { subscriptions, clock }: Replaying,
): Promise<LoggedSubscription | undefined> {
  const endMs = clock.now() + maxStoringMs
  for (let tries = 1; ; tries++) {
    const found = await subscriptions.find(replay)
    if (found?.log !== undefined && found.receivedAtMs >= receivedAtMs) return { ...found, log: found.log }
    if (clock.now() >= endMs) return undefined
    await clock.pause(fullJitterMs({ attempt: tries, baseMs: 20, maxMs: 500 }))
  }
}

/** Waits until the index has the subscription: whatever is published after that finds it there. */
async function untilListed(subscription: LoggedSubscription, { subscriptions, clock }: Replaying): Promise<void> {
  const endMs = clock.now() + maxListingMs
  for (let tries = 1; clock.now() < endMs; tries++) {
    if (await subscriptions.isListed(subscription)) break
    await clock.pause(fullJitterMs({ attempt: tries, baseMs: 20, maxMs: 500 }))
  }
  await clock.pause(settlingMs)
}
