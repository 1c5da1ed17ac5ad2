import type { Subscriber } from '../clients/subscriber'
import { fullJitterMs } from '../backoff'
import type { Delivery } from '../gateway/connections'
import type { RefusalRate } from './refusal-rate'
import { createTokenBucket } from './token-bucket'
import { createWindow } from './window'

export interface FanOutSettings {
  /** Maximum number of concurrent posts. */
  readonly concurrency: number
  /**
   * Posts per second. API Gateway allows an account 10,000 requests per second, in newer regions 2,500, for all of its
   * APIs together.
   */
  readonly ratePerSecond: number
  /** Posts at once at the start. API Gateway allows bursts of 5,000, in newer regions 1,250. */
  readonly burst: number
}

/** A clock that tests can control. */
export interface Clock {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly pause: (ms: number) => Promise<unknown>
}

export interface FanOutOptions {
  readonly settings: FanOutSettings
  readonly clock: Clock
  readonly refusalRate: RefusalRate
  /** Epoch milliseconds from which no post is started. */
  readonly deadlineMs: number
  /** Posts a recipient's frame, after this many failed tries. Must not throw. */
  readonly post: (recipient: Subscriber, tries: number) => Promise<Posted>
  /** Called with each recipient that needs no further post. */
  readonly onSettled: (recipient: Subscriber, outcome: Settled) => void
}

/**
 * The outcome of a post. `nothing`: there was nothing to send. `unable`: an error that is unrelated to the connection.
 */
export type Posted = Delivery | { readonly kind: 'nothing' } | { readonly kind: 'unable'; readonly reason: string }

/**
 * The final outcome for a recipient. `stalled`: its connection refused posts while others accepted them, so its client
 * does not read. A publisher also records those with it that are unserved after the last round.
 */
export type Settled =
  | Exclude<Delivery, { readonly kind: 'throttled' }>
  | { readonly kind: 'nothing' }
  | { readonly kind: 'stalled'; readonly reason: string }

/** A recipient that was not served, and why. */
export interface Unserved {
  readonly recipient: Subscriber
  readonly reason: string
}

/** Posts to recipients as they are added. Recipients are independent: none delays or fails another. */
export interface FanOut {
  /**
   * @param round the number of other invocations that have failed to serve them; from 1 on, their posts are spread over
   * time
   */
  add(recipients: readonly Subscriber[], round?: number): void
  /**
   * Resolves when few recipients are waiting, which bounds the memory, or after the deadline. @returns whether there is
   * time for more recipients
   */
  room(): Promise<boolean>
  /**
   * Call after the last `add`. Resolves once all recipients are settled or the deadline has passed, with the unserved
   * recipients.
   */
  end(): Promise<readonly Unserved[]>
}

/**
 * The next page is added when no more than this many recipients are waiting, which is about one page. The sooner an
 * invocation has read its pages, the sooner the next one begins.
 */
const fewWaiting = 10_000

const firstRetryMs = 100
const maxRetryMs = 5_000

/** Recipients from an earlier round are spread over this time, doubled with each further round. */
const roundMs = 1_000

/** If more connections refuse at once, the account's quota is the likelier reason, and none counts as stalled. */
const maxStalled = 100

interface Task {
  readonly recipient: Subscriber
  /** The number of its posts so far. All have failed. */
  tries: number
  reason: string
}

/** A connection whose last post was refused. */
interface Refused {
  /** The task that is retried. */
  readonly head: Task
  readonly sinceMs: number
  refusals: number
  /** The tasks of its other recipients, which wait for `head`. */
  readonly parked: Task[]
}

export function createFanOut({ settings, clock, refusalRate, deadlineMs, post, onSettled }: FanOutOptions): FanOut {
  const { now, pause } = clock
  const bucket = createTokenBucket({ ...settings, now })
  const window = createWindow(settings.concurrency)
  const fresh: Task[] = []
  let nextFresh = 0
  /** Tasks to retry whose pause is over. */
  const due: Task[] = []
  let pausing = 0
  /** Tasks whose pause would end after the deadline. */
  const tooLate: Task[] = []
  const refused = new Map<string, Refused>()
  /** Connections that do not read, with the reason of the last refusal. */
  const stalled = new Map<string, string>()
  let added = 0
  let underWay = 0
  let isWaiting = false
  /** One for each topic whose next page has been read. */
  const awaitingRoom: (() => void)[] = []
  let onEnd: (() => void) | undefined

  const waiting = () => fresh.length - nextFresh
  const isOver = () => now() >= deadlineMs
  const hasRoom = () => waiting() < fewWaiting || isOver()
  const isIdle = () => underWay === 0 && pausing === 0 && (isOver() || (waiting() === 0 && due.length === 0))

  /** Starts all posts that may start, and resolves the promises that wait for progress. Called after each change. */
  const pump = () => {
    while (underWay < window.size) {
      const task = takeTask()
      if (!task) break
      void run(task)
    }
    if (awaitingRoom.length > 0 && hasRoom()) for (const resolve of awaitingRoom.splice(0)) resolve()
    if (onEnd && isIdle()) onEnd()
  }

  /** Prefers retries over new tasks. If no post may start yet, it schedules the next call of the pump. */
  const takeTask = (): Task | undefined => {
    while (!isOver()) {
      const next = due[0] ?? fresh[nextFresh]
      if (!next) return undefined
      const isHeldBack = isParked(next)
      const waitMs = isHeldBack ? 0 : bucket.take()
      if (waitMs > 0) {
        void pumpIn(waitMs)
        return undefined
      }
      if (due.length > 0) due.shift()
      else nextFresh++
      if (!isHeldBack) return next
    }
    return undefined
  }

  /** Holds back a task for a refusing connection until the one retry has an outcome. Settles it if that has stalled. */
  const isParked = (task: Task): boolean => {
    if (refused.size === 0 && stalled.size === 0) return false
    const { connectionId } = task.recipient
    const reason = stalled.get(connectionId)
    if (reason !== undefined) {
      onSettled(task.recipient, { kind: 'stalled', reason })
      return true
    }
    const refusing = refused.get(connectionId)
    if (!refusing || refusing.head === task) return false
    refusing.parked.push(task)
    return true
  }

  const pumpIn = async (ms: number) => {
    if (isWaiting) return
    isWaiting = true
    await pause(Math.min(ms, deadlineMs - now()))
    isWaiting = false
    pump()
  }

  const run = async (task: Task) => {
    underWay++
    const mark = window.mark()
    const outcome = await post(task.recipient, task.tries)
    task.tries++
    underWay--
    if (outcome.kind === 'throttled' || (outcome.kind === 'failed' && outcome.retryable)) {
      // A single connection that refuses, or one that refuses repeatedly, says nothing about the quota.
      const { connectionId } = task.recipient
      const isAnother = refused.size > 0 && !refused.has(connectionId) && !stalled.has(connectionId)
      if (outcome.kind === 'throttled' && isAnother) window.shrink(mark)
      refuse(task, outcome.reason)
    } else if (outcome.kind === 'unable') {
      tryAgain(task, outcome.reason)
    } else {
      if (outcome.kind === 'delivered') window.widen()
      settle(task, outcome)
    }
    pump()
  }

  const refuse = (task: Task, reason: string) => {
    if (isParked(task)) return // another post to the connection was refused while this one was under way
    const { connectionId } = task.recipient
    const refusing: Refused = refused.get(connectionId) ?? { head: task, sinceMs: now(), refusals: 0, parked: [] }
    refused.set(connectionId, refusing)
    refusing.refusals++
    const isImprobable = refusalRate.isImprobable(refusing.refusals, added, refusing.sinceMs)
    if (refused.size > maxStalled || !isImprobable) {
      tryAgain(task, reason)
      return
    }
    refused.delete(connectionId)
    stalled.set(connectionId, reason)
    for (const { recipient } of [task, ...refusing.parked]) onSettled(recipient, { kind: 'stalled', reason })
  }

  const tryAgain = (task: Task, reason: string) => {
    task.reason = reason
    void runIn(fullJitterMs({ attempt: task.tries, baseMs: firstRetryMs, maxMs: maxRetryMs }), task)
  }

  const runIn = async (ms: number, task: Task) => {
    if (now() + ms >= deadlineMs) {
      tooLate.push(task)
      return
    }
    pausing++
    await pause(ms)
    pausing--
    due.push(task)
    pump()
  }

  const settle = (task: Task, outcome: Settled) => {
    onSettled(task.recipient, outcome)
    const { connectionId } = task.recipient
    const refusing = refused.size === 0 ? undefined : refused.get(connectionId)
    if (outcome.kind === 'delivered') refusalRate.served(refusing?.refusals ?? 0)
    if (refusing?.head !== task) return
    refused.delete(connectionId)
    due.push(...refusing.parked)
  }

  return {
    add(recipients, round = 0) {
      fresh.splice(0, nextFresh)
      nextFresh = 0
      added += recipients.length
      for (const recipient of recipients) {
        const task = { recipient, tries: 0, reason: 'The deadline passed before the first attempt.' }
        if (round === 0) fresh.push(task)
        else void runIn(fullJitterMs({ attempt: round, baseMs: roundMs, maxMs: maxRetryMs }), task)
      }
      pump()
    },

    async room() {
      if (!hasRoom()) await new Promise<void>((resolve) => awaitingRoom.push(resolve))
      return !isOver()
    },

    async end() {
      if (!isIdle()) await new Promise<void>((resolve) => (onEnd = resolve))
      const parked = [...refused.values()].flatMap((refusing) => refusing.parked)
      const unserved = [...tooLate, ...due, ...fresh.slice(nextFresh), ...parked]
      return unserved.map(({ recipient, reason }) => ({ recipient, reason }))
    },
  }
}
