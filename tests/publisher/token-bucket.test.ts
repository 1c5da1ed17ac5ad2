import { expect, it } from '@jest/globals'
import { createTokenBucket, type TokenBucket } from '../../lib/publisher/token-bucket'

let nowMs = 0
const open = () => createTokenBucket({ ratePerSecond: 10, burst: 5, now: () => nowMs })

/** The number of tokens that can be taken at once. */
function takeAll(bucket: TokenBucket): number {
  let taken = 0
  while (bucket.take() === 0) taken++
  return taken
}

it('gives a burst at first, then tokens at the rate, and says when the next one is available', () => {
  const bucket = open()
  expect(takeAll(bucket)).toBe(5)
  expect(bucket.take()).toBe(100)
  nowMs += 200
  expect(takeAll(bucket)).toBe(2)
})

// Regression: what was used before a pause was added again on top of the burst, if some tokens had been left.
it('gives no more than a burst after a pause', () => {
  const bucket = open()
  bucket.take()
  bucket.take()
  nowMs += 60_000
  expect(takeAll(bucket)).toBe(5)
})
