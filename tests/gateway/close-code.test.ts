import { expect, it } from '@jest/globals'
import { endedExactly } from '../../lib/gateway/close-code'

it.each([
  ['a normal close', 1000, true],
  ['API Gateway ended it for its age or its silence', 1001, true],
  ['a close of the protocol', 4403, true],
  ['an emulator, which gives no code', undefined, true],
  ['no close frame came', 1006, false],
  ['API Gateway failed', 1011, false],
  ['no TLS', 1015, false],
])('says whether a connection ended when that was noticed: %s (%s)', (_what, code, exactly) => {
  expect(endedExactly(code)).toBe(exactly)
})
