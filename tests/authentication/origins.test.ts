import { expect, it } from '@jest/globals'
import { originAllowed } from '../../lib/authentication/origins'

const page = { Origin: 'https://chat.example.com' }

it('accepts a page whose origin is on the list', () => {
  expect(originAllowed(page, 'https://other.example.com, https://chat.example.com')).toBe(true)
  expect(originAllowed({ origin: 'https://chat.example.com' }, 'https://chat.example.com')).toBe(true)
})

it('accepts any page if the list is *', () => {
  expect(originAllowed(page, '*')).toBe(true)
})

it.each(['', 'https://chat.example.com.evil.example', 'http://chat.example.com', 'https://none.invalid'])(
  'refuses a page whose origin is not on the list: %j',
  (allowed) => {
    expect(originAllowed(page, allowed)).toBe(false)
  },
)

it('accepts clients that send no origin, such as programs outside a browser', () => {
  expect(originAllowed({}, 'https://none.invalid')).toBe(true)
  expect(originAllowed(undefined, 'https://none.invalid')).toBe(true)
})

// Regression: closed stages refused clients of some languages, whose `Origin` is the address that they connect to.
it("accepts the API's own origin over https, and no origin that resembles it", () => {
  const host = 'abc123.execute-api.eu-central-1.amazonaws.com'
  const fromOrigin = (origin: string) => originAllowed({ Host: host, Origin: origin }, 'https://none.invalid')
  expect(fromOrigin(`https://${host}`)).toBe(true)
  expect(fromOrigin(`http://${host}`)).toBe(false)
  expect(fromOrigin(`https://${host}.evil.example`)).toBe(false)
  expect(originAllowed({ Origin: 'https://' }, 'https://none.invalid')).toBe(false)
})
