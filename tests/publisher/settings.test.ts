import { describe, expect, it } from '@jest/globals'
import { readPublisherSettings } from '../../lib/publisher/settings'

describe("the publisher's settings", () => {
  it('have defaults that the environment overrides', () => {
    expect(readPublisherSettings({})).toMatchObject({
      concurrency: 100,
      connections: { maxConnections: 100, http2: true },
    })
    const environment = { PUBLISH_CONCURRENCY: '7', PUBLISH_HTTP2: 'false' }
    expect(readPublisherSettings(environment)).toMatchObject({
      concurrency: 7,
      connections: { maxConnections: 7, http2: false },
    })
  })

  it.each([
    ['PUBLISH_CONCURRENCY', '0', 'a whole number above 0'],
    ['PUBLISH_MAX_ROUNDS', 'many', 'a whole number above 0'],
    ['PUBLISH_HTTP2', 'off', '"true" or "false"'],
  ])('refuse an invalid %s: %s', (name, value, expected) => {
    const error = `Expected the environment variable ${name} to be ${expected}, got "${value}".`
    expect(() => readPublisherSettings({ [name]: value })).toThrow(error)
  })
})
