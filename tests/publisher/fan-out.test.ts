import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Subscriber } from '../../lib/clients/subscribers'
import type { OperationId } from '../../lib/operations/request'
import type { Delivery } from '../../lib/gateway/connections'
import { DueQueue } from '../../lib/publisher/due-queue'
import { createFanOut, type FanOutSettings, type Settled } from '../../lib/publisher/fan-out'
import { createWindow } from '../../lib/publisher/window'
import { createVirtualClock, type VirtualClock } from './support/virtual-clock'

const settings: FanOutSettings = { concurrency: 10, ratePerSecond: 100_000, burst: 100_000, maxAttempts: 3 }
const delivered: Delivery = { kind: 'delivered' }
const throttled: Delivery = { kind: 'throttled', reason: '429' }
const broken: Delivery = { kind: 'failed', retryable: true, reason: '500' }

function recipients(count: number): Subscriber[] {
  return Array.from({ length: count }, (_, n) => ({
    connectionId: `c${n}`,
    operationId: '1' as OperationId,
    operation: 'o',
  }))
}

interface Trial {
  readonly count: number
  readonly post: (recipient: Subscriber, clock: VirtualClock) => Promise<Delivery>
  readonly settings?: Partial<FanOutSettings>
  readonly forMs?: number
  readonly round?: number
}

async function fanOut({ count, post, settings: changed, forMs = 60_000, round = 0 }: Trial) {
  const clock = createVirtualClock()
  const startMs = clock.now()
  const settledAtMs = new Map<string, number>()
  const outcomes = new Map<string, Settled['kind']>()
  const postsAtMs: number[] = []
  let underWay = 0
  let mostUnderWay = 0
  const out = createFanOut({
    settings: { ...settings, ...changed },
    clock,
    deadlineMs: startMs + forMs,
    post: async (recipient) => {
      postsAtMs.push(clock.now() - startMs)
      mostUnderWay = Math.max(mostUnderWay, ++underWay)
      const delivery = await post(recipient, clock)
      underWay--
      return delivery
    },
    onSettled: ({ connectionId }, { kind }) => {
      expect(outcomes.has(connectionId)).toBe(false)
      outcomes.set(connectionId, kind)
      settledAtMs.set(connectionId, clock.now() - startMs)
    },
  })
  out.add(recipients(count), round)
  const unserved = await clock.run(out.end())
  const served = [...outcomes].filter(([, kind]) => kind === 'delivered').length
  return { served, unserved, outcomes, settledAtMs, postsAtMs, mostUnderWay }
}

const after = async (clock: VirtualClock, ms: number, delivery: Delivery = delivered) => {
  await clock.pause(ms)
  return delivery
}

describe('a fan-out', () => {
  test('serves everyone once, with no more posts under way than it may have', async () => {
    const { served, postsAtMs, mostUnderWay } = await fanOut({ count: 1_000, post: (_, clock) => after(clock, 10) })
    expect(served).toBe(1_000)
    expect(postsAtMs).toHaveLength(1_000)
    expect(mostUnderWay).toBe(10)
  })

  test('ends at once when there is nobody', async () => {
    expect((await fanOut({ count: 0, post: () => Promise.resolve(delivered) })).unserved).toEqual([])
  })

  test('one that takes 4 s delays nobody', async () => {
    const { settledAtMs, served } = await fanOut({
      count: 200,
      post: ({ connectionId }, clock) => after(clock, connectionId === 'c3' ? 4_000 : 10),
    })
    expect(served).toBe(200)
    const others = [...settledAtMs].filter(([id]) => id !== 'c3').map(([, atMs]) => atMs)
    expect(Math.max(...others)).toBeLessThan(300)
  })

  test('one that always fails is tried as often as it may, and keeps nobody else from their frame', async () => {
    const { served, unserved, postsAtMs } = await fanOut({
      count: 100,
      post: ({ connectionId }, clock) => after(clock, 1, connectionId === 'c7' ? broken : delivered),
    })
    expect(served).toBe(99)
    expect(unserved).toEqual([{ recipient: expect.objectContaining({ connectionId: 'c7' }), reason: '500' }])
    expect(postsAtMs).toHaveLength(99 + settings.maxAttempts)
  })

  test.each(['gone', 'tooLarge', 'forbidden'] as const)('one that is %s is not tried again', async (kind) => {
    const refusal: Delivery = kind === 'gone' ? { kind } : { kind, reason: 'no' }
    const { outcomes, postsAtMs } = await fanOut({
      count: 20,
      post: ({ connectionId }) => Promise.resolve(connectionId === 'c7' ? refusal : delivered),
    })
    expect(outcomes.get('c7')).toBe(kind)
    expect(postsAtMs).toHaveLength(20)
  })

  test('2,000 subscribers all get it from an API that takes 500 a second', async () => {
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

  test('posts no faster than its rate, after a burst', async () => {
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

  test('starts no post after its deadline, and names who has not been served', async () => {
    const { served, unserved, postsAtMs } = await fanOut({
      count: 1_000,
      forMs: 500,
      post: (_, clock) => after(clock, 10),
    })
    expect(Math.max(...postsAtMs)).toBeLessThan(500)
    expect(served + unserved.length).toBe(1_000)
    expect(served).toBe(500)
    expect(unserved[0]?.reason).toBe('There was no time left to try.')
  })

  test('leaves those who are throttled to the end of its time with the reason', async () => {
    const { unserved } = await fanOut({ count: 5, forMs: 2_000, post: () => Promise.resolve(throttled) })
    expect(unserved.map(({ reason }) => reason)).toEqual(['429', '429', '429', '429', '429'])
  })

  test('spreads those whom another invocation could not serve over some time', async () => {
    const { postsAtMs } = await fanOut({ count: 500, round: 1, post: () => Promise.resolve(delivered) })
    expect(postsAtMs.filter((atMs) => atMs < 500).length).toBeGreaterThan(150)
    expect(postsAtMs.filter((atMs) => atMs >= 500).length).toBeGreaterThan(150)
  })

  test('asks for more only when few are waiting', async () => {
    const { clock, out } = busyFanOut()
    const startMs = clock.now()
    await clock.run(out.room())
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(2_000)
    expect(clock.now() - startMs).toBeLessThanOrEqual(2_020)
  })

  // Only the last one was told: a publication to two topics, the one with two pages, the other found late, never ended.
  test('has room for each of several who wait for it', async () => {
    const { clock, out } = busyFanOut()
    const waiting = ['one', 'other'].map(async (who) => {
      await out.room()
      return who
    })
    expect(await clock.run(Promise.all(waiting))).toEqual(['one', 'other'])
  })
})

describe('the window', () => {
  test('is halved once for all posts that were under way, and comes back as posts are delivered', () => {
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

  test('never closes', () => {
    const window = createWindow(4)
    for (let n = 0; n < 10; n++) window.shrink(window.mark())
    expect(window.size).toBe(1)
  })
})

describe('the queue of retries', () => {
  test('gives back what was put in, the earliest first', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000)), (times) => {
        const queue = new DueQueue<number>()
        for (const time of times) queue.add(time, time)
        const taken = times.map(() => queue.take())
        expect(taken).toEqual(times.toSorted((a, b) => a - b))
        expect(queue.take()).toBeUndefined()
      }),
    )
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

/** One that has 3,010 recipients, each of whom takes 10 ms. */
function busyFanOut() {
  const clock = createVirtualClock()
  const post = () => after(clock, 10)
  const out = createFanOut({ settings, clock, deadlineMs: clock.now() + 60_000, post, onSettled: () => undefined })
  out.add(recipients(12_010))
  return { clock, out }
}
