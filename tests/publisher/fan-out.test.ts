import { describe, expect, test } from '@jest/globals'
import { seededRandom } from '../../chaos/random'
import type { OperationHash, Subscriber } from '../../lib/clients/subscriber'
import type { OperationId } from '../../lib/operations/request'
import type { Delivery } from '../../lib/gateway/connections'
import { createFanOut, type FanOutSettings, type Posted, type Settled } from '../../lib/publisher/fan-out'
import { createRefusalRate } from '../../lib/publisher/refusal-rate'
import { createWindow } from '../../lib/publisher/window'
import { createVirtualClock, type VirtualClock } from './support/virtual-clock'

const settings: FanOutSettings = { concurrency: 10, ratePerSecond: 100_000, burst: 100_000 }
const delivered: Delivery = { kind: 'delivered' }
const throttled: Delivery = { kind: 'throttled', reason: '429' }
const broken: Delivery = { kind: 'failed', retryable: true, reason: '500' }

function recipient(connectionId: string, operationId = '1'): Subscriber {
  return { connectionId, operationId: operationId as OperationId, operation: 'o' as OperationHash }
}

function recipients(count: number): Subscriber[] {
  return Array.from({ length: count }, (_, n) => recipient(`c${n}`))
}

interface Trial {
  readonly count: number
  readonly to?: readonly Subscriber[]
  /** Added 3 s later. */
  readonly nextPage?: readonly Subscriber[]
  readonly post: (recipient: Subscriber, clock: VirtualClock) => Promise<Posted>
  readonly settings?: Partial<FanOutSettings>
  readonly forMs?: number
  readonly round?: number
}

async function fanOut(trial: Trial) {
  const { count, to = recipients(count), nextPage, post, settings: changed, forMs = 60_000, round = 0 } = trial
  const clock = createVirtualClock()
  const refusalRate = createRefusalRate(clock.now)
  const startMs = clock.now()
  const settledAtMs = new Map<string, number>()
  const outcomes = new Map<string, Settled['kind']>()
  const postsAtMs: number[] = []
  let underWay = 0
  const settledTwice: string[] = []
  let mostUnderWay = 0
  const out = createFanOut({
    settings: { ...settings, ...changed },
    clock,
    refusalRate,
    deadlineMs: startMs + forMs,
    post: async (recipient) => {
      postsAtMs.push(clock.now() - startMs)
      mostUnderWay = Math.max(mostUnderWay, ++underWay)
      const delivery = await post(recipient, clock)
      underWay--
      return delivery
    },
    onSettled: ({ connectionId, operationId }, { kind }) => {
      const key = operationId === '1' ? connectionId : `${connectionId} ${operationId}`
      if (outcomes.has(key)) settledTwice.push(key)
      outcomes.set(key, kind)
      settledAtMs.set(connectionId, clock.now() - startMs)
    },
  })
  out.add(to, round)
  if (nextPage) {
    await clock.run(clock.pause(3_000))
    out.add(nextPage)
  }
  const unserved = await clock.run(out.end())
  expect(settledTwice).toEqual([])
  const served = [...outcomes].filter(([, kind]) => kind === 'delivered').length
  const endedAtMs = clock.now() - startMs
  return { served, unserved, outcomes, settledAtMs, postsAtMs, mostUnderWay, endedAtMs }
}

const after = async (clock: VirtualClock, ms: number, delivery: Delivery = delivered) => {
  await clock.pause(ms)
  return delivery
}

describe('the fan-out', () => {
  test('delivers to every subscriber once, with at most 10 concurrent posts', async () => {
    const { served, postsAtMs, mostUnderWay } = await fanOut({ count: 1_000, post: (_, clock) => after(clock, 10) })
    expect(served).toBe(1_000)
    expect(postsAtMs).toHaveLength(1_000)
    expect(mostUnderWay).toBe(10)
  })

  test('ends if there are no recipients', async () => {
    expect((await fanOut({ count: 0, post: () => Promise.resolve(delivered) })).unserved).toEqual([])
  })

  test('is not delayed by a post that takes 4 s', async () => {
    const { settledAtMs, served } = await fanOut({
      count: 200,
      post: ({ connectionId }, clock) => after(clock, connectionId === 'c3' ? 4_000 : 10),
    })
    expect(served).toBe(200)
    const others = [...settledAtMs].filter(([id]) => id !== 'c3').map(([, atMs]) => atMs)
    expect(Math.max(...others)).toBeLessThan(300)
  })

  describe.each([
    ['throttled', throttled],
    ['answered with 500', broken],
  ])('a connection that is %s each time while others are served', (_how, refusal) => {
    test.each([2, 10, 1_000])('counts as stalled after 4 or 5 posts, next to %d others', async (others) => {
      const { served, outcomes, unserved, postsAtMs } = await fanOut({
        count: others + 1,
        post: ({ connectionId }, clock) => after(clock, 1, connectionId === 'c1' ? refusal : delivered),
      })
      expect(served).toBe(others)
      expect(outcomes.get('c1')).toBe('stalled')
      expect(unserved).toEqual([])
      expect(postsAtMs.length - others).toBeGreaterThanOrEqual(4)
      expect(postsAtMs.length - others).toBeLessThanOrEqual(5)
      expect(postsAtMs.at(-1)).toBeLessThan(3_000)
    })
  })

  test('is at most 2 % slower if one of 5,000 connections does not read', async () => {
    const trial = (stalled: string) =>
      fanOut({
        count: 5_000,
        settings: { concurrency: 64 },
        post: ({ connectionId }, clock) => after(clock, 10, connectionId === stalled ? throttled : delivered),
      })
    const lastOf = ({ settledAtMs }: Awaited<ReturnType<typeof trial>>) =>
      Math.max(...[...settledAtMs].filter(([id]) => id !== 'c3').map(([, atMs]) => atMs))
    expect(lastOf(await trial('c3'))).toBeLessThanOrEqual(lastOf(await trial('none')) * 1.02)
  })

  test('makes at most 140 posts to 10 stalled connections with 100 subscriptions each', async () => {
    const to = [
      ...Array.from({ length: 1_000 }, (_, n) => recipient(`stalled ${n % 10}`, String(Math.floor(n / 10) + 1))),
      ...recipients(20),
    ]
    const { outcomes, postsAtMs, served } = await fanOut({
      count: 0,
      to,
      post: ({ connectionId }, clock) => after(clock, 1, connectionId.startsWith('stalled') ? throttled : delivered),
    })
    expect(served).toBe(20)
    expect([...outcomes.values()].filter((kind) => kind === 'stalled')).toHaveLength(1_000)
    expect(postsAtMs.length - 20).toBeLessThanOrEqual(10 * (settings.concurrency + 4))
  })

  test.each([
    [20, 50],
    [200, 20],
    [2_000, 5],
  ])('treats at most one of %d connections as stalled if half of all posts are throttled', async (count, trials) => {
    const random = seededRandom(count)
    for (let trial = 0; trial < trials; trial++) {
      const { served, unserved } = await fanOut({
        count,
        post: (_, clock) => after(clock, 1, random() < 0.5 ? throttled : delivered),
      })
      // One connection in a hundred fan-outs may be taken for stalled.
      expect(served + unserved.length).toBeGreaterThanOrEqual(count - 1)
    }
  })

  test('treats no connection as stalled because of an unrelated error', async () => {
    const { outcomes, unserved } = await fanOut({
      count: 20,
      forMs: 10_000,
      post: ({ connectionId }) =>
        Promise.resolve(connectionId === 'c7' ? { kind: 'unable', reason: 'DynamoDB is away.' } : delivered),
    })
    expect(outcomes.has('c7')).toBe(false)
    expect(unserved).toEqual([{ recipient: recipient('c7'), reason: 'DynamoDB is away.' }])
  })

  test('delivers everything that waited for a connection once its refusals end', async () => {
    let refusals = 3
    const to = [...Array.from({ length: 30 }, (_, n) => recipient('slow', String(n + 1))), ...recipients(50)]
    const { served, unserved } = await fanOut({
      count: 0,
      to,
      post: ({ connectionId }, clock) =>
        after(clock, 1, connectionId === 'slow' && refusals-- > 0 ? throttled : delivered),
    })
    expect(unserved).toEqual([])
    expect(served).toBe(80)
  })

  test('returns every recipient that waited for a refusing connection at the deadline', async () => {
    const to = Array.from({ length: 5 }, (_, n) => recipient('slow', String(n + 1)))
    const { unserved } = await fanOut({ count: 0, to, forMs: 30, post: (_, clock) => after(clock, 1, throttled) })
    expect(unserved.map(({ recipient: { operationId } }) => operationId).toSorted()).toEqual(['1', '2', '3', '4', '5'])
  })

  test('treats no connection as stalled while more than 100 refuse at once', async () => {
    const { outcomes, unserved } = await fanOut({
      count: 1_000,
      post: ({ connectionId }, clock) => after(clock, 1, Number(connectionId.slice(1)) < 150 ? throttled : delivered),
    })
    expect([...outcomes.values()]).not.toContain('stalled')
    expect(unserved).toHaveLength(150)
  })

  // Regression: stalled connections counted as refusing for the rest of the invocation.
  test('finds 60 stalled connections on each of two pages', async () => {
    const page = (name: string) => [
      ...Array.from({ length: 60 }, (_, n) => recipient(`stalled ${name} ${n}`)),
      ...Array.from({ length: 1_000 }, (_, n) => recipient(`${name} ${n}`)),
    ]
    const { served, outcomes, unserved } = await fanOut({
      count: 0,
      to: page('a'),
      nextPage: page('b'),
      post: ({ connectionId }, clock) => after(clock, 1, connectionId.startsWith('stalled') ? throttled : delivered),
    })
    expect(served).toBe(2_000)
    expect([...outcomes.values()].filter((kind) => kind === 'stalled')).toHaveLength(120)
    expect(unserved).toEqual([])
  })

  test('keeps up its concurrent posts if one connection is refused once after another has stalled', async () => {
    let isFirst = true
    const { outcomes, postsAtMs } = await fanOut({
      count: 50,
      nextPage: [recipient('refused once'), ...Array.from({ length: 100 }, (_, n) => recipient(`d${n}`))],
      post: ({ connectionId }, clock) => {
        const isRefused = connectionId === 'c3' || (connectionId === 'refused once' && isFirst)
        if (connectionId === 'refused once') isFirst = false
        return after(clock, 10, isRefused ? throttled : delivered)
      },
    })
    expect(outcomes.get('c3')).toBe('stalled')
    expect(outcomes.get('refused once')).toBe('delivered')
    expect(postsAtMs.filter((atMs) => atMs === 3_010)).toHaveLength(settings.concurrency)
  })

  test.each(['gone', 'tooLarge', 'forbidden'] as const)('does not retry a post with the outcome %s', async (kind) => {
    const refusal: Delivery = kind === 'gone' ? { kind } : { kind, reason: 'no' }
    const { outcomes, postsAtMs } = await fanOut({
      count: 20,
      post: ({ connectionId }) => Promise.resolve(connectionId === 'c7' ? refusal : delivered),
    })
    expect(outcomes.get('c7')).toBe(kind)
    expect(postsAtMs).toHaveLength(20)
  })

  test('treats no connection as stalled if the account is throttled completely for two seconds', async () => {
    let posts = 0
    const { served, unserved } = await fanOut({
      count: 2_000,
      settings: { concurrency: 100 },
      post: (_, clock) => {
        const isThrottled = ++posts > 500 && clock.now() % 1_000_000 < 2_000
        return after(clock, 10, isThrottled ? throttled : delivered)
      },
    })
    expect(unserved).toEqual([])
    expect(served).toBe(2_000)
  })

  test('delivers to 2,000 subscribers through an API that accepts 500 posts per second', async () => {
    const api = quota({ ratePerSecond: 500, burst: 500 })
    const { served, unserved } = await fanOut({
      count: 2_000,
      settings: { concurrency: 100 },
      post: async (_, clock) => {
        const answer = api.take(clock.now()) ? delivered : throttled
        return after(clock, 5, answer)
      },
    })
    expect(unserved).toEqual([])
    expect(served).toBe(2_000)
  })

  test('posts no faster than its rate after a burst', async () => {
    const { postsAtMs } = await fanOut({
      count: 500,
      settings: { ratePerSecond: 100, burst: 50 },
      post: () => Promise.resolve(delivered),
    })
    for (const second of [1, 2, 3, 4]) {
      expect(postsAtMs.filter((atMs) => atMs < second * 1_000).length).toBeLessThanOrEqual(50 + second * 100)
    }
    expect(postsAtMs.at(-1)).toBeGreaterThan(4_400)
    expect(postsAtMs.at(-1)).toBeLessThan(4_700)
  })

  test('retries a post before it continues with first posts', async () => {
    let isFirst = true
    const { settledAtMs } = await fanOut({
      count: 500,
      settings: { ratePerSecond: 100, burst: 50 },
      post: ({ connectionId }) => {
        if (connectionId !== 'c0' || !isFirst) return Promise.resolve(delivered)
        isFirst = false
        return Promise.resolve({ kind: 'unable', reason: 'DynamoDB is away.' })
      },
    })
    expect(settledAtMs.get('c0')).toBeLessThan(200)
  })

  test('starts no post after its deadline, and returns the unserved recipients', async () => {
    const { served, unserved, postsAtMs } = await fanOut({
      count: 1_000,
      forMs: 500,
      post: (_, clock) => after(clock, 10),
    })
    expect(Math.max(...postsAtMs)).toBeLessThan(500)
    expect(served + unserved.length).toBe(1_000)
    expect(served).toBe(500)
    expect(unserved[0]?.reason).toBe('The deadline passed before the first attempt.')
  })

  test.each([
    ['its rate', { settings: { ratePerSecond: 0.1, burst: 1 } }],
    ['a pause before a retry', { round: 1 }],
  ])('ends at its deadline even if it waits for %s', async (_what, trial) => {
    const post = () => Promise.resolve(delivered)
    const { unserved, endedAtMs } = await fanOut({ count: 100, forMs: 20, post, ...trial })
    expect(unserved.length).toBeGreaterThan(0)
    expect(endedAtMs).toBeLessThanOrEqual(20)
  })

  test('returns recipients that were throttled until its deadline, with the reason', async () => {
    const { unserved } = await fanOut({ count: 5, forMs: 2_000, post: () => Promise.resolve(throttled) })
    expect(unserved.map(({ reason }) => reason)).toEqual(['429', '429', '429', '429', '429'])
  })

  test('spreads the recipients of an earlier invocation over time', async () => {
    const { postsAtMs } = await fanOut({ count: 500, round: 1, post: () => Promise.resolve(delivered) })
    expect(postsAtMs.filter((atMs) => atMs < 500).length).toBeGreaterThan(150)
    expect(postsAtMs.filter((atMs) => atMs >= 500).length).toBeGreaterThan(150)
  })

  test('has room for more recipients only when few are waiting', async () => {
    const { clock, out } = busyFanOut()
    const startMs = clock.now()
    await clock.run(out.room())
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(2_000)
    expect(clock.now() - startMs).toBeLessThanOrEqual(2_020)
  })

  // Only the last caller was notified: a publication to two topics, one with two pages and one read late, never ended.
  test('notifies every caller that waits for room', async () => {
    const { clock, out } = busyFanOut()
    const waiting = ['one', 'other'].map(async (who) => {
      await out.room()
      return who
    })
    expect(await clock.run(Promise.all(waiting))).toEqual(['one', 'other'])
  })
})

describe('the window of concurrent posts', () => {
  test('is halved once for all pending posts, and grows again as posts are delivered', () => {
    const window = createWindow(64)
    const first = window.mark()
    const second = window.mark()
    window.shrink(first)
    window.shrink(second)
    expect(window.size).toBe(32)
    window.shrink(window.mark())
    expect(window.size).toBe(16)
    for (let n = 0; n < 40; n++) window.widen()
    expect(window.size).toBe(18)
    for (let n = 0; n < 10_000; n++) window.widen()
    expect(window.size).toBe(64)
  })

  test('is never smaller than 1', () => {
    const window = createWindow(4)
    for (let n = 0; n < 10; n++) window.shrink(window.mark())
    expect(window.size).toBe(1)
  })
})

/** API Gateway's token bucket, as its documentation describes it. */
function quota({ ratePerSecond, burst }: { ratePerSecond: number; burst: number }) {
  let tokens = burst
  let lastMs: number | undefined
  return {
    take(nowMs: number): boolean {
      tokens = Math.min(burst, tokens + ((nowMs - (lastMs ?? nowMs)) / 1000) * ratePerSecond)
      lastMs = nowMs
      if (tokens < 1) return false
      tokens--
      return true
    },
  }
}

/** A fan-out with 12,010 recipients, whose posts take 10 ms each. */
function busyFanOut() {
  const clock = createVirtualClock()
  const post = () => after(clock, 10)
  const options = { settings, clock, refusalRate: createRefusalRate(clock.now), deadlineMs: clock.now() + 60_000 }
  const out = createFanOut({ ...options, post, onSettled: () => undefined })
  out.add(recipients(12_010))
  return { clock, out }
}
