import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createBackoff, reconnectDelayMs, secondsLeft } from '../../web/src/connection/backoff'

test('The delay doubles with every failed attempt, up to 20 seconds', () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 1_000].map((attempts) => reconnectDelayMs(attempts, 1))
  expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000])
})

test('Chance takes away at most half of a delay', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, random) => {
      const longest = reconnectDelayMs(attempts, 1)
      const delay = reconnectDelayMs(attempts, random)
      expect(delay).toBeGreaterThanOrEqual(longest / 2)
      expect(delay).toBeLessThanOrEqual(longest)
    }),
  )
})

test('Each wait is announced, and a connection that stands starts the delays again', () => {
  const waits: number[] = []
  const backoff = createBackoff(
    (delayMs) => waits.push(delayMs),
    () => 1,
  )
  expect([backoff.duration(), backoff.duration(), backoff.attempts]).toEqual([500, 1_000, 2])
  backoff.reset()
  expect([backoff.attempts, backoff.duration()]).toEqual([0, 500])
  expect(waits).toEqual([500, 1_000, 500])
})

test('A count-down shows whole seconds, and 0 only when the time has come', () => {
  expect([5_000, 4_001, 4_000, 1, 0, -1].map((left) => secondsLeft(left, 0))).toEqual([5, 5, 4, 1, 0, 0])
})
