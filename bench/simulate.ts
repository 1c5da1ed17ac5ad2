import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AttributeMap } from '../lib/aws/attribute-values'
import type { PageKey } from '../lib/aws/table'
import type { OperationHash } from '../lib/clients/subscriber'
import type { Subscribers } from '../lib/clients/subscribers'
import { parseWireEvent } from '../lib/channels/wire'
import { createOperations } from '../lib/operations/execute'
import { assignmentOf, type Assignment } from '../lib/publisher/assignment'
import type { Deliver } from '../lib/gateway/connections'
import type { Clock } from '../lib/publisher/fan-out'
import { publish } from '../lib/publisher/publish'
import { createRefusalRate } from '../lib/publisher/refusal-rate'
import { readPublisherSettings } from '../lib/publisher/settings'
import { createTokenBucket } from '../lib/publisher/token-bucket'
import { api } from '../schema/api'
import { everyone, operationIdAt, sharedOperation, topicOf, translation } from './model'
import { createSubscriptionPages } from './stand-ins/subscription-pages'

/**
 * `npm run simulate`: runs instances of the real publisher side by side, on models of API Gateway, DynamoDB, SNS and
 * Lambda.
 */
interface Scenario {
  readonly name: string
  readonly subscribers: number
  /** The account's quota in requests per second, and its burst. */
  readonly quota: number
  readonly burst: number
  /** Concurrent publishers: `reservedConcurrency` of the function. Further events wait in Lambda's queue. */
  readonly publishers: number
  /** PUBLISH_RATE_PER_SECOND of each publisher. */
  readonly ratePerSecond: number
}

/** Assumed latencies in milliseconds: a response of @connections, a page of an index, SNS to Lambda, a cold start. */
const latency = { post: 15, page: 150, sns: 100, coldStart: 300 }
/** CPU per delivery in microseconds, on one vCPU: about three times the bench's over HTTP/2: Lambda's are slower. */
const deliveryCpuUs = 80
const lambdaTimeoutMs = 60_000
const memoryGb = 1769 / 1024

const scenarios: readonly Scenario[] = [
  { name: 'small room', subscribers: 1_000, quota: 10_000, burst: 5_000, publishers: 10, ratePerSecond: 5_000 },
  { name: 'as it is', subscribers: 100_000, quota: 10_000, burst: 5_000, publishers: 1_000, ratePerSecond: 5_000 },
  { name: 'two at once', subscribers: 100_000, quota: 10_000, burst: 5_000, publishers: 2, ratePerSecond: 5_000 },
  { name: 'newer region', subscribers: 100_000, quota: 2_500, burst: 1_250, publishers: 1, ratePerSecond: 2_500 },
  { name: 'two at once', subscribers: 1_000_000, quota: 10_000, burst: 5_000, publishers: 2, ratePerSecond: 5_000 },
  { name: 'leaving a fifth', subscribers: 1_000_000, quota: 10_000, burst: 5_000, publishers: 2, ratePerSecond: 4_000 },
  { name: 'quota raised', subscribers: 1_000_000, quota: 50_000, burst: 25_000, publishers: 10, ratePerSecond: 5_000 },
]

async function main(): Promise<void> {
  for (const scenario of scenarios) console.log(await simulate(scenario))
}

/** A clock that advances in whole milliseconds whenever nothing is left to do in the current one. */
function steppedClock(): Clock & { readonly run: (work: Promise<unknown>) => Promise<void> } {
  let nowMs = 0
  const due = new Map<number, (() => void)[]>()
  return {
    now: () => nowMs,
    pause: (ms) =>
      new Promise<void>((resolve) => {
        const atMs = nowMs + Math.max(1, Math.ceil(ms))
        const known = due.get(atMs)
        if (known) known.push(resolve)
        else due.set(atMs, [resolve])
      }),
    async run(work) {
      const state = { isDone: false }
      void work.finally(() => (state.isDone = true))
      await nextTurn()
      while (!state.isDone) {
        do nowMs++
        while (!due.has(nowMs) && due.size > 0)
        for (const resolve of due.get(nowMs) ?? []) resolve()
        due.delete(nowMs)
        await nextTurn()
      }
    },
  }
}

const nobodyLeaves = {
  cut: () => Promise.resolve({ keys: [], memberships: [] }),
  remove: () => Promise.resolve(),
}

function nothingIsCompleted(): never {
  throw new Error('Completions are not simulated.')
}

async function simulate(scenario: Scenario) {
  const { name, subscribers: count, quota, burst, publishers, ratePerSecond } = scenario
  const clock = steppedClock()
  const account = createTokenBucket({ ratePerSecond: quota, burst, now: clock.now })
  const settings = { ...readPublisherSettings({}), ratePerSecond }
  const tally = { posts: 0, throttled: 0, delivered: 0, messages: 0, invocations: 0, undelivered: 0, readUnits: 0 }
  const durationsMs: number[] = []
  let lastMs = 0
  const waiting: Assignment[] = []
  let running = 0
  let allDone: () => void = () => undefined
  const done = new Promise<void>((resolve) => (allDone = resolve))
  const operations = createOperations({ schema: api.schema, onError: () => undefined })

  const pages = createSubscriptionPages('localhost')
  const subscribers: Subscribers = {
    async page(topic, from) {
      await clock.pause(latency.page)
      const page = pages.project(topic, from as AttributeMap | undefined)
      tally.readUnits += page.readUnits
      const { Items: rows, LastEvaluatedKey: next } = JSON.parse(page.json) as {
        Items: { connectionId: { S: string } }[]
        LastEvaluatedKey?: PageKey
      }
      return {
        subscribers: rows.map(({ connectionId }) => {
          return { connectionId: connectionId.S, operationId: operationIdAt(1), operation: 'o' as OperationHash }
        }),
        expired: [],
        next,
      }
    },
    operationOf: async () => {
      await clock.pause(5)
      return sharedOperation('https://localhost/dev')
    },
    pageOfUser: nothingIsCompleted,
  }
  const subscriptions = { find: nothingIsCompleted, end: nothingIsCompleted }

  /** Each publisher has one vCPU, which its deliveries share. */
  const delivering = (): Deliver => {
    let freeAtMs = 0
    return async () => {
      tally.posts++
      freeAtMs = Math.max(freeAtMs, clock.now()) + deliveryCpuUs / 1000
      await clock.pause(freeAtMs - clock.now() + latency.post * (0.7 + 0.6 * Math.random()))
      if (account.take() > 0) {
        tally.throttled++
        return { kind: 'throttled', reason: '429' }
      }
      tally.delivered++
      lastMs = clock.now()
      return { kind: 'delivered' }
    }
  }

  const invoke = async (assignment: Assignment) => {
    running++
    tally.invocations++
    await clock.pause(latency.coldStart)
    const startMs = clock.now()
    await publish(
      assignment,
      {
        settings,
        clock,
        subscribers,
        subscriptions,
        sessions: nobodyLeaves,
        latestEvents: { isSuperseded: () => Promise.resolve(false) },
        lateMarks: { put: () => clock.pause(5).then(() => undefined) },
        refusalRate: createRefusalRate(clock.now),
        close: () => Promise.resolve({ kind: 'delivered' }),
        operations,
        deliver: delivering(),
        channels: api.channels,
        eventContext: api.eventContext,
        handOn: send,
        giveUp: ({ recipients }) => {
          tally.undelivered += recipients.length
          return Promise.resolve()
        },
      },
      { deadlineMs: startMs + lambdaTimeoutMs - 12_000, endMs: startMs + lambdaTimeoutMs - 2_000 },
    )
    durationsMs.push(clock.now() - startMs)
    running--
    startNext()
  }
  const startNext = () => {
    while (running < publishers) {
      const next = waiting.shift()
      if (!next) break
      void invoke(next)
    }
    if (running === 0 && underWay === 0) allDone()
  }
  let underWay = 0
  const send = (message: unknown) => {
    tally.messages++
    underWay++
    void clock.pause(latency.sns).then(() => {
      underWay--
      waiting.push(message as Assignment)
      startNext()
    })
    return Promise.resolve()
  }

  const room = everyone(count)
  const event = parseWireEvent(JSON.parse(JSON.stringify(translation(room, 'e'))), api.channels, 'e')
  void send({ ...assignmentOf(event, clock.now()), cursors: [{ topic: topicOf(room) }] })
  await clock.run(done)

  const lambdaSeconds = durationsMs.reduce((sum, ms) => sum + ms, 0) / 1000
  const dollars = {
    posts: tally.delivered / 1e6,
    lambda: lambdaSeconds * memoryGb * 0.0000133334 + tally.invocations * 0.2e-6,
    sns: tally.messages * 0.5e-6,
    dynamoDb: tally.readUnits * 0.125e-6,
  }
  return {
    name,
    subscribers: count,
    quota,
    publishers,
    ratePerSecond,
    reached: tally.delivered,
    undelivered: tally.undelivered,
    seconds: Math.round(lastMs / 100) / 10,
    throttledShare: Math.round((tally.throttled / tally.posts) * 1000) / 1000,
    invocations: tally.invocations,
    longestSeconds: Math.round(Math.max(...durationsMs) / 100) / 10,
    dollars: Object.fromEntries(Object.entries(dollars).map(([of, amount]) => [of, Number(amount.toPrecision(3))])),
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
