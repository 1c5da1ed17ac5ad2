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

it('each function has its own bundle', () => {
  expect([...bundles.keys()].toSorted()).toEqual(Object.keys(handlerOf).toSorted())
})

describe.each(Object.entries(handlerOf))('the bundle of %s', (name, handler) => {
  const file = (path: string): string => bundles.get(name)?.get(path) ?? ''

  it('contains only its program and its source map', () => {
    expect([...(bundles.get(name)?.keys() ?? [])].toSorted()).toEqual([`${handler}.js`, `${handler}.js.map`])
    expect(file(`${handler}.js`)).toMatch(
      new RegExp(`//# sourceMappingURL=${handler.split('/').at(-1) ?? ''}\\.js\\.map\\s*$`),
    )
  })

  it('has a source map that names the source of its handler', () => {
    const { sources } = v.parse(SourceMap, JSON.parse(file(`${handler}.js.map`)))
    expect(sources).toContainEqual(expect.stringMatching(new RegExp(`/${handler}\\.ts$`)))
  })

  it('contains our code only from handlers, lib, schema and translation', () => {
    const { sources } = v.parse(SourceMap, JSON.parse(file(`${handler}.js.map`)))
    const ours = sources.filter((source) => source.endsWith('.ts'))
    for (const source of ours) expect(source).toMatch(/\/(handlers|lib|schema|translation)\//)
  })
})
