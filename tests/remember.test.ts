import { expect, it } from '@jest/globals'
import { remember } from '../lib/remember'

it('evicts the entry that was stored longest ago', () => {
  const memory = new Map<string, number>()
  for (const key of ['a', 'b', 'c']) remember(memory, key, 1, 3)
  remember(memory, 'b', 2, 3)
  expect([...memory.keys()]).toEqual(['a', 'c', 'b'])
  remember(memory, 'd', 3, 3)
  expect(Object.fromEntries(memory)).toEqual({ c: 1, b: 2, d: 3 })
})
