import { describe, expect, it } from '@jest/globals'
import { afterWriting, companyInWords, laterOf, type Present, writersInWords } from '../../web/src/company/company'

const present = (
  count: number,
  names: readonly (string | null)[] | null,
  at = '2030-01-01T00:00:00.000Z',
): Present => ({
  at,
  count,
  members: names?.map((name, n) => ({ id: String(n), name })) ?? null,
})

it.each([
  [present(1, [null]), '1 here'],
  [present(1, ['Ann']), '1 here: Ann'],
  [present(2, ['Ben', 'Ann']), '2 here: Ann and Ben'],
  [present(3, ['Ben', null, 'Ann']), '3 here: Ann, Ben and 1 other'],
  [present(4, ['Dan', 'Cem', 'Ben', 'Ann']), '4 here: Ann, Ben, Cem and Dan'],
  [present(6, ['Eva', 'Dan', 'Cem', 'Ben', 'Ann', null]), '6 here: Ann, Ben, Cem and 3 others'],
  [present(2_345, null), '2,345 here'],
])('companyInWords names the present members: %j', (state, words) => {
  expect(companyInWords(state)).toBe(words)
})

it('laterOf returns the later of two states in either order', () => {
  const [early, late] = [present(1, ['Ann']), present(2, ['Ann', 'Ben'], '2030-01-01T00:00:02.000Z')]
  expect(laterOf(laterOf(undefined, early), late)).toBe(late)
  expect(laterOf(laterOf(undefined, late), early)).toBe(late)
})

describe('the list of writers', () => {
  const writers = ['Ann', 'Ben', 'Cem', 'Dan'].map((name) => ({ by: name, name, untilMs: 1 }))

  it.each([
    [0, ''],
    [1, 'Ann is writing'],
    [3, 'Ann, Ben and Cem are writing'],
    [4, 'Several people are writing'],
  ])('is put into words for %i writers', (count, words) => {
    expect(writersInWords(writers.slice(0, count))).toBe(words)
  })

  it('keeps the place of a writer who continues', () => {
    const goesOn = { by: 'Ann', name: 'Ann', untilMs: 2 }
    expect(afterWriting(writers.slice(0, 2), goesOn)).toEqual([goesOn, writers[1]])
    expect(afterWriting([], goesOn)).toEqual([goesOn])
  })
})
