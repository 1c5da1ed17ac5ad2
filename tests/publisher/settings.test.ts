import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { readPublisherSettings } from '../../lib/publisher/settings'
import { serviceDir } from '../../local/offline-command'

describe("the publisher's settings", () => {
  it('have defaults, and take what the environment says instead', () => {
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

  it('are each documented with its default, and no other is', async () => {
    const documented = await documentedDefaults()
    expect([...documented.keys()].toSorted()).toEqual(variablesRead().toSorted())
    for (const [name, value] of documented) {
      expect(readPublisherSettings({ [name]: value })).toEqual(readPublisherSettings({}))
      expect(readPublisherSettings({ [name]: other(value) })).not.toEqual(readPublisherSettings({}))
    }
  })

  it.each([
    ['PUBLISH_CONCURRENCY', '0', 'a whole number above 0'],
    ['PUBLISH_MAX_ROUNDS', 'many', 'a whole number above 0'],
    ['PUBLISH_HTTP2', 'off', '"true" or "false"'],
  ])('name %s if it is %s, which says nothing', (name, value, expected) => {
    const error = `Expected the environment variable ${name} to be ${expected}, got "${value}".`
    expect(() => readPublisherSettings({ [name]: value })).toThrow(error)
  })
})

/** The rows of the table in docs/performance.md, as the values of environment variables. */
async function documentedDefaults(): Promise<ReadonlyMap<string, string>> {
  const page = await readFile(join(serviceDir, 'docs/performance.md'), 'utf8')
  const rows = page.matchAll(/^\| `(PUBLISH_\w+)` +\| +(\S+) +\|/gm)
  return new Map([...rows].map(([, name = '', value = '']) => [name, value.replaceAll(/[,`]/g, '')]))
}

function variablesRead(): readonly string[] {
  const read: string[] = []
  const get = (_: unknown, name: string) => void read.push(name)
  readPublisherSettings(new Proxy<NodeJS.ProcessEnv>({}, { get }))
  return read
}

function other(value: string): string {
  return value === 'true' ? 'false' : String(Number(value) + 1)
}
