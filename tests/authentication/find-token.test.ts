import { expect, it } from '@jest/globals'
import { tokenOfPayload } from '../../lib/authentication/find-token'

it.each([
  [{ authToken: 't' }],
  [{ Authorization: 'Bearer t' }],
  [{ token: 't' }],
  [{ headers: { Authorization: 'Bearer t' } }],
  [{ headers: { authorization: 'bearer  t' }, clientId: 'c' }],
  [{ authToken: 't', headers: { Authorization: 'Bearer another' } }],
])('finds the token in the connection parameters %j', (payload) => {
  expect(tokenOfPayload(payload)).toBe('t')
})

it.each([
  [null],
  [{}],
  [{ headers: null }],
  [{ headers: 'Bearer t' }],
  [{ headers: { authToken: 7 } }],
  [{ authToken: '' }],
])('finds no token in the connection parameters %j', (payload) => {
  expect(tokenOfPayload(payload)).toBeUndefined()
})
