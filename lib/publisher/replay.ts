import { fullJitterMs } from '../backoff'
import { type Cursor, isPending, type Progress } from '../clients/cursors'
import type { StoredSubscription, StoredSubscriptions } from '../clients/stored-subscriptions'
import { cursorOwner, type Sessions } from '../clients/sessions'
import type { Subscriber } from '../clients/subscriber'
import type { LogEntry } from '../history/entry'
import type { LateMarks } from '../history/late-marks'
import type { LogReader } from '../history/read'
import type { Topic } from '../channels/topic'
import type { ReplayTask } from './assignment'
import type { Delivery } from '../gateway/connections'
import { isEnded } from '../channels/completion'
import { cutOff, type CutOff } from './cut-off'
import { endSubscription } from './end-subscription'
import type { Clock } from './fan-out'
import { markMs } from './mark-late'
import type { Times } from './publish'
import type { Publisher } from './publisher'
import { resumed } from '../operations/resumed'
import { deliveringOf, frameOfResult, type Responder, responseFrame, type ResponseFrame } from './response-frame'
import type { TokenBucket } from './token-bucket'

export interface Replayer extends Responder, CutOff, Pick<Publisher, 'deliver' | 'handOn'> {
  readonly subscriptions: StoredSubscriptions
  readonly sessions: Pick<Sessions, 'cursors' | 'isHeldBy' | 'isRegistered' | 'cut' | 'remove'>
  readonly log: LogReader
  readonly lateMarks: Pick<LateMarks, 'since'>
  /** Limits replays to the publisher's rate. */
  readonly bucket: TokenBucket
}

export interface ReplayReport {
  /** Number of frames that were posted. */
  readonly replayed: number
  /**
   * Why the replay ended. `complete`: all events were posted. `over`: the subscription or connection has ended, or is
   * replayed elsewhere. `cutOff`: the client did not read, or its token has expired. `handedOn`: the time ran out.
   */
  readonly ended: 'complete' | 'over' | 'cutOff' | 'handedOn'
}

/**
 * How long to wait for the subscription: its `start` requests the replay before it stores the subscription, and again
 * after less than this (`surelyAwaitedMs` in lib/receive/start-subscription.ts).
 */
const maxStoringMs = 3_000

/** How long to wait for the index to list the subscription. It usually does within moments of the write. */
const maxListingMs = 5_000

/** Time for the other replicas of the index to follow: one that lists the subscription does not prove that all do. */
const settlingMs = 500

const firstRetryMs = 100
const maxRetryMs = 1_000

/**
 * Maximum number of refusals of one frame in a row before the connection is cut off: about 3 s. If half of all posts
 * are throttled, one frame in a thousand reaches it. The limit falls for a connection that did not read its last
 * replays, so that a client that never reads costs little, however often it reconnects.
 */
const refusalsAfterStalls = [10, 5]
const fewestRefusals = 3

/** Maximum number of consecutive invocations that run out of time without posting anything. */
const maxIdleRounds = 3

/**
 * Replays missed events in log order, starting at the cursor, and events marked late since. Then it puts the
 * subscription into the index, and replays what was published until the index lists it. From then on publishers find
 * the subscription, so nothing is missed; events around that moment may arrive twice.
 *
 * The cursor stores the progress after each page, so the replay can be resumed at any time.
 */
export async function replay(task: ReplayTask, replayer: Replayer, times: Times): Promise<ReplayReport> {
  const replaying = { ...replayer, ...times, posted: 0, postedLate: new Set<number>() }
  const ended = await replayPages(task, replaying)
  if (ended === 'stalled' || ended === 'expired') {
    const { connectionId } = task.replay
    const notCutOff = await cutOff([{ connectionId, why: ended }], replayer, times.endMs)
    for (const reason of notCutOff.values()) throw new Error(`The connection could not be cut off: ${reason}`)
    return { replayed: replaying.posted, ended: 'cutOff' }
  }
  if (ended === 'handedOn') {
    const idleRounds = replaying.posted > 0 ? 0 : (task.idleRounds ?? 0) + 1
    await replayer.handOn({ ...task, idleRounds })
  }
  return { replayed: replaying.posted, ended }
}

interface Replaying extends Replayer, Times {
  posted: number
  /** The numbers of late events that were already posted: some are still marked when the marks are read again. */
  readonly postedLate: Set<number>
}

/** Why a replay ended. Two ends are reported as `cutOff`: a client that does not read, and a token that has expired. */
type Ended = Exclude<ReplayReport['ended'], 'cutOff'> | 'stalled' | 'expired'

/** Why posting stopped. `endedByServer`: the application has ended the subscription. */
type Stop = Exclude<Ended, 'complete'> | 'endedByServer'

async function replayPages(task: ReplayTask, replaying: Replaying): Promise<Ended> {
  const { subscriptions, sessions } = replaying
  const { connectionId } = task.replay
  const owner = cursorOwner(task.session, connectionId)
  const subscription = await findStored(task, replaying)
  if (!subscription) return 'over'
  // It may be missing from the index, through which publishers find expired subscriptions, so no one else would close
  // it.
  if (subscription.isExpired) return 'expired'
  for (;;) {
    const cursor = await sessions.cursors.find(owner, subscription)
    if (!isPending(cursor) || cursor.target !== connectionId) {
      if (isPending(cursor) && (await wasCutOff(cursor, task, sessions))) return 'stalled'
      // Another invocation was faster, or another connection has taken the session.
      if (subscription.held) await subscriptions.release(subscription)
      return 'over'
    }
    if ((task.idleRounds ?? 0) >= maxIdleRounds && replaying.posted === 0) return 'stalled'
    const { beganAtMs, stalls = 0 } = cursor
    const maxRefusals = refusalsAfterStalls[stalls] ?? fewestRefusals
    const ended = await replayFrom(cursor, { task, subscription, replaying, beganAtMs, maxRefusals })
    if (ended === 'endedByServer') return 'over'
    if (ended !== 'outdated') return ended
  }
}

/**
 * An earlier attempt wrote the cursor but could not close the connection, so its client would not learn what it missed.
 */
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

/** `outdated`: another writer has changed the cursor. */
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
    const lookedAtMs = progress.late?.lookedAtMs ?? clock.now()
    const { upTo: lateUpTo, stop } = await postLate(progress, resuming)
    if (stop === 'endedByServer') await advance({ isDone: true })
    // Otherwise the next invocation would begin with the same events, and might never get further.
    if (stop === 'handedOn' && !(await advance({ late: { upTo: lateUpTo, lookedAtMs } }))) return 'outdated'
    if (stop) return stop
    // Marks are timed by other clocks, which may be behind.
    if (progress.lateSinceMs !== undefined)
      progress = { ...progress, lateSinceMs: lookedAtMs - markMs, late: undefined }
    for await (const page of log.pagesAfter(subscription.log, progress.upTo)) {
      if (page.length === 0) continue
      const { upTo, stop } = await postPage(page, progress.upTo, resuming)
      if (stop === 'over') return stop
      if (!(await advance({ upTo, isDone: stop === 'endedByServer' }))) return 'outdated'
      if (stop) return stop
      const found = await subscriptions.find(subscription)
      if (!found) return 'over'
      if (found.isExpired) return 'expired'
    }
  }
  if (subscription.shared.request.withCursors) {
    const stop = await postFrame(frameOfResult(subscription.shared, resumed('complete')), resuming)
    if (stop) return stop
  }
  // `$disconnect` may have run before the subscription was stored. Its cursor must stay pending, because no end of the
  // connection writes another.
  if (!(await sessions.isRegistered(subscription.connectionId))) return forget(subscription, replaying)
  return (await advance({ isDone: true })) ? 'complete' : 'outdated'
}

async function firstProgress({ after, sinceMs }: Cursor, { subscription, replaying }: Resuming): Promise<Progress> {
  const from = after ?? (await replaying.log.sequenceBefore(subscription.log, sinceMs ?? 0))
  return { from, upTo: from, lateSinceMs: sinceMs, atMs: replaying.clock.now(), isDone: false }
}

/**
 * Posts events before the cursor that publishers were still delivering after its time.
 *
 * @returns the number up to which they were posted, and why not all were
 */
async function postLate({ from, lateSinceMs, late: earlier }: Progress, resuming: Resuming) {
  let upTo = earlier?.upTo ?? 0
  const done = () => ({ upTo, stop: undefined })
  if (lateSinceMs === undefined || from === 0) return done()
  const { subscription, replaying } = resuming
  const marked = await replaying.lateMarks.since(subscription.log, lateSinceMs, from)
  const late = new Set(marked.filter((sequence) => sequence > upTo && !replaying.postedLate.has(sequence)))
  const [first] = late
  if (first === undefined) return done()
  for await (const page of replaying.log.pagesAfter(subscription.log, first - 1)) {
    const due = page.filter(({ event }) => late.has(event.sequence))
    const { stop, ...posted } = await postPage(due, upTo, resuming)
    upTo = posted.upTo
    if (stop) return { upTo, stop }
    for (const { event } of due) replaying.postedLate.add(event.sequence)
    if (page.some(({ event }) => event.sequence >= from)) return done()
  }
  return done()
}

/** @returns the number of the last event that needs no further post, and why the page was not finished */
async function postPage(page: readonly LogEntry[], before: number, resuming: Resuming) {
  const { subscription, replaying } = resuming
  let upTo = before
  for (const entry of page) {
    if (replaying.clock.now() >= replaying.deadlineMs) return { upTo, stop: 'handedOn' as const }
    if (isEnded(entry.event.completion, resuming.beganAtMs)) {
      const stop = await postUntilTaken(() => endSubscription(subscription, replaying), resuming)
      return { upTo, stop: stop ?? ('endedByServer' as const) }
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
  const delivering = deliveringOf(frame, resuming.subscription)
  return postUntilTaken(() => resuming.replaying.deliver(delivering), resuming)
}

/** Retries until the post is accepted. @returns why posting stopped, if it was not */
async function postUntilTaken(
  post: () => Promise<Delivery>,
  { subscription: { connectionId }, replaying, maxRefusals }: Resuming,
): Promise<Stop | undefined> {
  const { clock, deadlineMs, bucket } = replaying
  for (let tries = 1; ; tries++) {
    for (let waitMs = bucket.take(); waitMs > 0; waitMs = bucket.take()) await clock.pause(waitMs)
    const { kind } = await post()
    // frame-limit.ts prevents frames that are too large, and a retry would fail too.
    if (kind === 'delivered' || kind === 'tooLarge') {
      replaying.posted++
      return undefined
    }
    if (kind === 'gone') return forget({ connectionId }, replaying)
    if (tries >= maxRefusals) return 'stalled'
    const pauseMs = fullJitterMs({ attempt: tries, baseMs: firstRetryMs, maxMs: maxRetryMs })
    if (clock.now() + pauseMs >= deadlineMs) return 'handedOn'
    await clock.pause(pauseMs)
  }
}

/** Deletes the items of a connection that has ended. */
async function forget({ connectionId }: Pick<Subscriber, 'connectionId'>, { sessions, clock }: Replaying) {
  await sessions.remove(await sessions.cut(connectionId, { atMs: clock.now() }))
  return 'over' as const
}

/** A subscription to a logged channel. */
type LoggedSubscription = StoredSubscription & { readonly log: Topic }

/** Waits for the subscription, which was about to be stored when its replay was requested. */
function findStored(
  { replay, receivedAtMs }: ReplayTask,
  { subscriptions, clock }: Replaying,
): Promise<LoggedSubscription | undefined> {
  const look = async () => {
    const found = await subscriptions.find(replay)
    return found?.log !== undefined && found.receivedAtMs >= receivedAtMs ? { ...found, log: found.log } : undefined
  }
  return lookFor(look, maxStoringMs, clock)
}

/** Waits until the index lists the subscription, so that events published later find it. */
async function untilListed(subscription: LoggedSubscription, { subscriptions, clock }: Replaying): Promise<void> {
  await lookFor(async () => (await subscriptions.isListed(subscription)) || undefined, maxListingMs, clock)
  await clock.pause(settlingMs)
}

/** Looks again and again. @returns the first finding; undefined if there is none within `maxMs` */
async function lookFor<Finding>(
  look: () => Promise<Finding | undefined>,
  maxMs: number,
  { now, pause }: Clock,
): Promise<Finding | undefined> {
  const endMs = now() + maxMs
  for (let tries = 1; ; tries++) {
    const found = await look()
    if (found !== undefined || now() >= endMs) return found
    await pause(fullJitterMs({ attempt: tries, baseMs: 20, maxMs: 500 }))
  }
}
