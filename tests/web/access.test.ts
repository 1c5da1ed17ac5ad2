import { expect, test } from '@jest/globals'
import { CombinedGraphQLErrors, UnconventionalError } from '@apollo/client'
import { hasExpired, requiresToken } from '../../web/src/connection/access'

const nowMs = 1_800_000_000_000

test.each([
  ['has expired', tokenOf({ exp: nowMs / 1_000 }), true],
  ['expires later', tokenOf({ exp: nowMs / 1_000 + 1 }), false],
  ['does not expire', tokenOf({ sub: 'Zoë ✓' }), false],
  ['is not a JSON Web Token', 'right', false],
  ['contains no JSON', 'a.b.c', false],
  ['is empty', '', false],
])('hasExpired evaluates a token that %s', (_name, token, expected) => {
  expect(hasExpired(token, nowMs)).toBe(expected)
})

test.each([
  ['UNAUTHENTICATED', true],
  ['FORBIDDEN', false],
  ['BAD_USER_INPUT', false],
])('an error with the code %s requires a token: %s', (code, expected) => {
  const error = { message: 'The token decides nothing here.', extensions: { code } }
  expect(requiresToken(new CombinedGraphQLErrors({ errors: [error] }))).toBe(expected)
  expect(requiresToken(new UnconventionalError(error))).toBe(expected)
})

test('an error without a code requires no token', () => {
  expect(requiresToken(new Error('Unauthorized'))).toBe(false)
})

function tokenOf(claims: object): string {
  return ['header', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'signature'].join('.')
}
