import { beforeAll, describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { type Bundle, bundlesOf } from '../support/packaged'

const handlerOf = {
  connect: 'handlers/connect',
  default: 'handlers/default',
  disconnect: 'handlers/disconnect',
  graphql: 'handlers/graphql',
  translateFr: 'handlers/translate',
  translateDe: 'handlers/translate',
  translationFailed: 'handlers/translation-failed',
  publish: 'handlers/publish',
  endUser: 'handlers/end-user',
  keepAlive: 'handlers/keep-alive',
  closeConnections: 'handlers/close-connections',
} as const

const SourceMap = v.object({ sources: v.array(v.string()), mappings: v.pipe(v.string(), v.nonEmpty()) })

let bundles: ReadonlyMap<string, Bundle>
beforeAll(async () => {
  bundles = await bundlesOf('dev')
})

it('makes a bundle for each function', () => {
  expect([...bundles.keys()].toSorted()).toEqual(Object.keys(handlerOf).toSorted())
})

describe.each(Object.entries(handlerOf))('the bundle of %s', (name, handler) => {
  const file = (path: string): string => bundles.get(name)?.get(path) ?? ''

  it('holds one program and its source map, and nothing else', () => {
    expect([...(bundles.get(name)?.keys() ?? [])].toSorted()).toEqual([`${handler}.js`, `${handler}.js.map`])
    expect(file(`${handler}.js`)).toMatch(
      new RegExp(`//# sourceMappingURL=${handler.split('/').at(-1) ?? ''}\\.js\\.map\\s*$`),
    )
  })

  it('has a map that leads to the sources', () => {
    const { sources } = v.parse(SourceMap, JSON.parse(file(`${handler}.js.map`)))
    expect(sources).toContainEqual(expect.stringMatching(new RegExp(`/${handler}\\.ts$`)))
  })

  it('holds nothing that is there for a laptop or for tests', () => {
    const { sources } = v.parse(SourceMap, JSON.parse(file(`${handler}.js.map`)))
    const ours = sources.filter((source) => source.endsWith('.ts'))
    for (const source of ours) expect(source).toMatch(/\/(handlers|lib|schema|translation)\//)
  })
})
