import type { Subscriber } from '../clients/subscriber'
import { fullJitterMs } from '../backoff'
import type { Delivery } from '../gateway/connections'
import type { RefusalRate } from './refusal-rate'
import { createTokenBucket } from './token-bucket'
import { createWindow } from './window'

export interface FanOutSettings {
  /** Posts under way at once. */
  readonly concurrency: number
  /**
   * Posts per second. API Gateway allows an account 10,000 requests per second, in newer regions 2,500, for all of its
   * APIs together.
   */
  readonly ratePerSecond: number
  /** Posts at once at the start. API Gateway allows bursts of 5,000, in newer regions 1,250. */
  readonly burst: number
}

/** Time, as a test can make it. */
export interface Clock {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly pause: (ms: number) => Promise<unknown>
}

export interface FanOutOptions {
  readonly settings: FanOutSettings
  readonly clock: Clock
  readonly refusalRate: RefusalRate
  /** No post is started from then on, in epoch milliseconds. */
  readonly deadlineMs: number
  /** Sends a recipient its frame. It never throws. */
  readonly post: (recipient: Subscriber) => Promise<Posted>
  /** Hears of each recipient that needs no more posts. */
  readonly onSettled: (recipient: Subscriber, outcome: Settled) => void
}

/** What became of a post. `nothing`: there was nothing to send. `unable`: something failed that has nothing to do with its connection. */
export type Posted = Delivery | { readonly kind: 'nothing' } | { readonly kind: 'unable'; readonly reason: string }

/** How a recipient was settled for good. `stalled`: its connection has refused what others got, and does not read. */
export type Settled =
  | Exclude<Delivery, { readonly kind: 'throttled' }>
  | { readonly kind: 'nothing' }
  | { readonly kind: 'stalled'; readonly reason: string }

/** A recipient that has not been served, and why not. */
export interface Unserved {
  readonly recipient: Subscriber
  readonly reason: string
}

/** Posts to recipients as they are added. Each is settled alone: none delays or fails another. */
export interface FanOut {
  /** @param round how often they have been tried in vain by other invocations: then they are spread over some time */
  add(recipients: readonly Subscriber[], round?: number): void
  /** Resolves when few are waiting, or when no more posts are started: what bounds the memory. */
  room(): Promise<void>
  /** Whether the deadline has come. */
  readonly isOver: boolean
  /** No more will be added. Resolves when all are settled, or the deadline has come, with those who have not been served. */
  end(): Promise<readonly Unserved[]>
}

/** A page is added while so few are waiting, which is about as many as a page has: the sooner an invocation has its pages, the sooner the next one begins. */
const fewWaiting = 10_000

const firstRetryMs = 100
const maxRetryMs = 5_000

/** Those whom another invocation could not serve are spread over as long, and twice that after each further one. */
const roundMs = 1_000

/** So many connections are taken for stalled in one invocation: more of them at once are the account's quota, whatever it looks like. */
const maxStalled = 100

interface Task {
  readonly recipient: Subscriber
  /** Posts that did not get through. */
  tries: number
  reason: string
}

/** A connection whose last post was refused. */
interface Refused {
  /** The one that is tried again. */
  readonly head: Task
  readonly sinceMs: number
  refusals: number
  /** Its other recipients, which wait for that. */
  readonly parked: Task[]
  isStalled: boolean
}

export function createFanOut({ settings, clock, refusalRate, deadlineMs, post, onSettled }: FanOutOptions): FanOut {
  const { concurrency, ratePerSecond, burst } = settings
  const { now, pause } = clock
  const bucket = createTokenBucket({ ratePerSecond, burst, now })
  const window = createWindow(concurrency)
  const fresh: Task[] = []
  let nextFresh = 0
  /** Tasks to be tried again, whose pause is over. */
  const due: Task[] = []
  let pausing = 0
  /** Tasks whose pause would be over after the deadline. */
  const tooLate: Task[] = []
  const refused = new Map<string, Refused>()
  let added = 0
  let stalled = 0
  let underWay = 0
  let hasToken = false
  let isWaiting = false
  /** One for each topic whose next page is there. */
  const awaitingRoom: (() => void)[] = []
  let onEnd: (() => void) | undefined

  const waiting = () => fresh.length - nextFresh
  const isOver = () => now() >= deadlineMs
  const hasRoom = () => waiting() < fewWaiting || isOver()
  const isIdle = () => underWay === 0 && pausing === 0 && (isOver() || (waiting() === 0 && due.length === 0))

  /** Starts what may be started, and tells those who wait for it. Called whenever something has changed. */
  const pump = () => {
    while (underWay < window.size) {
      const task = takeTask()
      if (!task) break
      void run(task)
    }
    if (awaitingRoom.length > 0 && hasRoom()) for (const resolve of awaitingRoom.splice(0)) resolve()
    if (onEnd && isIdle()) onEnd()
  }

  /** What is due goes before what is fresh. If nothing may be started yet, the pump is called again when it may. */
  const takeTask = (): Task | undefined => {
    for (;;) {
      if (isOver() || (due.length === 0 && waiting() === 0)) return undefined
      const waitMs = hasToken ? 0 : bucket.take()
      if (waitMs > 0) {
        void pumpIn(waitMs)
        return undefined
      }
      const task = due.shift() ?? fresh[nextFresh++]
      hasToken = task !== undefined && isParked(task)
      if (!hasToken) return task
    }
  }

  /** Keeps back what is for a connection that refuses, until the one post that is tried again has told more. */
  const isParked = (task: Task): boolean => {
    if (refused.size === 0) return false
    const refusing = refused.get(task.recipient.connectionId)
    if (!refusing || refusing.head === task) return false
    if (refusing.isStalled) onSettled(task.recipient, { kind: 'stalled', reason: refusing.head.reason })
    else refusing.parked.push(task)
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
    const outcome = await post(task.recipient)
    underWay--
    if (outcome.kind === 'throttled' || (outcome.kind === 'failed' && outcome.retryable)) {
      // What one connection refuses alone, or again and again, says nothing of the quota.
      const isAnother = refused.size > 0 && !refused.has(task.recipient.connectionId)
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
    const { connectionId } = task.recipient
    const newly = { head: task, sinceMs: now(), refusals: 0, parked: [], isStalled: false }
    const refusing: Refused = refused.get(connectionId) ?? newly
    refused.set(connectionId, refusing)
    if (isParked(task)) return // another post was under way at the same time
    refusing.refusals++
    const isNoChance = refusalRate.isNoChance(refusing.refusals, added, refusing.sinceMs)
    if (stalled === maxStalled || !isNoChance) {
      tryAgain(task, reason)
      return
    }
    stalled++
    refusing.isStalled = true
    for (const { recipient } of [task, ...refusing.parked.splice(0)]) onSettled(recipient, { kind: 'stalled', reason })
  }

  const tryAgain = (task: Task, reason: string) => {
    task.tries++
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
        const task = { recipient, tries: 0, reason: 'There was no time left to try.' }
        if (round === 0) fresh.push(task)
        else void runIn(fullJitterMs({ attempt: round, baseMs: roundMs, maxMs: maxRetryMs }), task)
      }
      pump()
    },

    room: () =>
      new Promise((resolve) => {
        if (hasRoom()) resolve()
        else awaitingRoom.push(resolve)
      }),

    get isOver() {
      return isOver()
    },

    async end() {
      if (!isIdle()) await new Promise<void>((resolve) => (onEnd = resolve))
      const parked = [...refused.values()].flatMap((refusing) => refusing.parked)
      const unserved = [...tooLate, ...due, ...fresh.slice(nextFresh), ...parked]
      return unserved.map(({ recipient, reason }) => ({ recipient, reason }))
    },
  }
}
