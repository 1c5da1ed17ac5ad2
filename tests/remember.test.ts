import { expect, it } from '@jest/globals'
import { remember } from '../lib/remember'

it('lets what was put there longest ago make room', () => {
  const memory = new Map<string, number>()
  remember(memory, 'a', 1, 2)
  remember(memory, 'b', 2, 2)
  remember(memory, 'a', 3, 2)
  expect([...memory]).toEqual([
    ['b', 2],
    ['a', 3],
  ])
  remember(memory, 'c', 4, 2)
  expect([...memory]).toEqual([
    ['a', 3],
    ['c', 4],
  ])
})
