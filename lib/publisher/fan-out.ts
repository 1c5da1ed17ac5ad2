import type { Subscriber } from '../clients/subscribers'
import { fullJitterMs } from '../backoff'
import type { Delivery } from '../gateway/connections'
import { DueQueue } from './due-queue'
import { createTokenBucket } from './token-bucket'
import { createWindow } from './window'

export interface FanOutSettings {
  /** Posts under way at once. */
  readonly concurrency: number
  readonly ratePerSecond: number
  readonly burst: number
  /** Tries of one recipient that fail; being throttled is nobody's failure and is not counted. */
  readonly maxAttempts: number
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
  /** No post is started from then on, in epoch milliseconds. */
  readonly deadlineMs: number
  /** Sends a recipient its frame. `nothing`: there is nothing to send. It never throws. */
  readonly post: (recipient: Subscriber) => Promise<Settled | Throttled>
  /** Hears of each recipient that needs no more posts. */
  readonly onSettled: (recipient: Subscriber, outcome: Settled) => void
}

/** How a recipient was settled for good. */
export type Settled = Exclude<Delivery, Throttled> | { readonly kind: 'nothing' }

type Throttled = Extract<Delivery, { readonly kind: 'throttled' }>

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

interface Task {
  readonly recipient: Subscriber
  /** Posts that did not get through, and those of them that were the recipient's own failures. */
  tries: number
  failures: number
  reason: string
}

export function createFanOut({ settings, clock, deadlineMs, post, onSettled }: FanOutOptions): FanOut {
  const { concurrency, ratePerSecond, burst, maxAttempts } = settings
  const { now, pause } = clock
  const bucket = createTokenBucket({ ratePerSecond, burst, now })
  const window = createWindow(concurrency)
  const fresh: Task[] = []
  let nextFresh = 0
  const later = new DueQueue<Task>()
  const exhausted: Task[] = []
  let underWay = 0
  let wakeMs = Infinity
  let hasEnded = false
  /** One for each topic whose next page is there. */
  const awaitingRoom: (() => void)[] = []
  let onEnd: (() => void) | undefined

  const waiting = () => fresh.length - nextFresh
  const isOver = () => now() >= deadlineMs
  const hasRoom = () => waiting() < fewWaiting || isOver()
  const isDone = () => hasEnded && underWay === 0 && (isOver() || (waiting() === 0 && later.length === 0))

  /** Starts what may be started, and tells those who wait for it. Called whenever something has changed. */
  const pump = () => {
    while (underWay < window.size) {
      const task = takeTask()
      if (!task) break
      void run(task)
    }
    if (awaitingRoom.length > 0 && hasRoom()) for (const resolve of awaitingRoom.splice(0)) resolve()
    if (onEnd && isDone()) onEnd()
  }

  /** What is due goes before what is fresh. If nothing may be started yet, the pump is called again when it may. */
  const takeTask = (): Task | undefined => {
    const dueMs = later.nextDueMs ?? Infinity
    if (waiting() === 0 && dueMs === Infinity) return undefined
    const nowMs = now()
    if (nowMs >= deadlineMs) return undefined
    const isDue = dueMs <= nowMs
    const waitMs = isDue || waiting() > 0 ? bucket.take() : dueMs - nowMs
    if (waitMs === 0) return isDue ? later.take() : fresh[nextFresh++]
    wakeAt(Math.min(nowMs + waitMs, deadlineMs))
    return undefined
  }

  const wakeAt = (timeMs: number) => {
    if (wakeMs <= timeMs) return
    wakeMs = timeMs
    void pause(timeMs - now()).then(() => {
      // An earlier time may have been asked for since: then this one comes in vain, which does no harm.
      if (wakeMs === timeMs) wakeMs = Infinity
      pump()
    })
  }

  const run = async (task: Task) => {
    underWay++
    const mark = window.mark()
    const outcome = await post(task.recipient)
    underWay--
    if (outcome.kind === 'delivered') window.widen()
    if (outcome.kind === 'throttled') window.shrink(mark)
    settle(task, outcome)
    pump()
  }

  const settle = (task: Task, outcome: Settled | Throttled) => {
    const isFailure = outcome.kind === 'failed' && outcome.retryable
    if (outcome.kind !== 'throttled' && !isFailure) {
      onSettled(task.recipient, outcome)
      return
    }
    task.tries++
    task.reason = outcome.reason
    if (isFailure) task.failures++
    if (task.failures >= maxAttempts) exhausted.push(task)
    else later.add(task, now() + fullJitterMs({ attempt: task.tries, baseMs: firstRetryMs, maxMs: maxRetryMs }))
  }

  return {
    add(recipients, round = 0) {
      fresh.splice(0, nextFresh)
      nextFresh = 0
      for (const recipient of recipients) {
        const task = { recipient, tries: 0, failures: 0, reason: 'There was no time left to try.' }
        if (round === 0) fresh.push(task)
        else later.add(task, now() + fullJitterMs({ attempt: round, baseMs: roundMs, maxMs: maxRetryMs }))
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
      hasEnded = true
      if (!isDone()) await new Promise<void>((resolve) => (onEnd = resolve))
      const left = [...exhausted, ...fresh.slice(nextFresh)]
      for (let task = later.take(); task; task = later.take()) left.push(task)
      return left.map(({ recipient, reason }) => ({ recipient, reason }))
    },
  }
}
