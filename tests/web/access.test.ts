import { expect, test } from '@jest/globals'
import { accessProblem } from '../../web/src/connection/access'

test.each([
  ['Unauthorized', 'refused'],
  ['Forbidden', 'refused'],
  ['The token is not for this audience.', 'refused'],
  ['Token expired', 'expired'],
  ['This subscription has outlived its token: connect again with a new one.', 'expired'],
  ['The token expired at 10:00.', 'expired'],
  ['This connection is not registered, or has expired: connect again.', undefined],
  ['"text" must be at most 10000 bytes of UTF-8, but is 12000.', undefined],
  ['Internal server error. Reference: 5.', undefined],
  ['Syntax Error: Unexpected token "}".', undefined],
  ['', undefined],
])('"%s" means that access is %s', (words, problem) => {
  expect(accessProblem(words)).toBe(problem)
})
