import { expect, test } from '@jest/globals'
import { secondsLeft } from '../../web/src/view/seconds-left'

test('A countdown shows whole seconds, rounded up, and 0 only at its end', () => {
  expect([5_000, 4_001, 4_000, 1, 0, -1].map((left) => secondsLeft(left, 0))).toEqual([5, 5, 4, 1, 0, 0])
})
