import { expect, it } from '@jest/globals'
import { originAllowed } from '../../lib/authentication/origins'

const page = { Origin: 'https://chat.example.com' }

it('lets a page connect whose origin is on the list', () => {
  expect(originAllowed(page, 'https://other.example.com, https://chat.example.com')).toBe(true)
  expect(originAllowed({ origin: 'https://chat.example.com' }, 'https://chat.example.com')).toBe(true)
})

it('lets any page connect if the list says so', () => {
  expect(originAllowed(page, '*')).toBe(true)
})

it.each(['', 'https://chat.example.com.evil.example', 'http://chat.example.com', 'https://none.invalid'])(
  'lets no page connect whose origin is not on the list: %j',
  (allowed) => {
    expect(originAllowed(page, allowed)).toBe(false)
  },
)

it('lets programs connect that are no browsers, and so send no origin', () => {
  expect(originAllowed({}, 'https://none.invalid')).toBe(true)
  expect(originAllowed(undefined, 'https://none.invalid')).toBe(true)
})

// Regression: closed stages refused clients of some languages, whose `Origin` is the address that they connect to.
it("lets programs and pages connect that have the API's own origin", () => {
  const host = 'abc123.execute-api.eu-central-1.amazonaws.com'
  const fromOrigin = (origin: string) => originAllowed({ Host: host, Origin: origin }, 'https://none.invalid')
  expect(fromOrigin(`https://${host}`)).toBe(true)
  expect(fromOrigin(`http://${host}`)).toBe(false)
  expect(fromOrigin(`https://${host}.evil.example`)).toBe(false)
  expect(originAllowed({ Origin: 'https://' }, 'https://none.invalid')).toBe(false)
})
