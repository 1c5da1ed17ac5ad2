import { compileFunction } from 'node:vm'
import { expect, it } from '@jest/globals'
import ts from 'typescript'
import * as v from 'valibot'
import * as core from '../../lib'
import type { ChannelDefinition } from '../../lib/channels/definition'
import { parseWireEvent } from '../../lib/channels/wire'
import { blocksOf, pages } from './support/pages'

/** The tutorial has channels of its own, and tests that publish its events. */
const tutorial = 'examples/delivery/README.md'

/** The values for which the placeholders of an EventBridge template stand. */
const placeholders: Readonly<Record<string, string>> = {
  id: '"evt-1"',
  orderId: '"o-1"',
  order: '{"id":"o-1","restaurantId":"r-1","status":"COOKING","customer":"ann"}',
}

const channels = new Map(
  Object.values(channelsOfPages()).flatMap((each) => (isChannel(each) ? [[each.name, each] as const] : [])),
)

/** The exports of schema/channels.ts, as the how-to pages show it. */
function channelsOfPages(): Readonly<Record<string, unknown>> {
  const block = blocksOf('docs/how-to/channels-and-resolvers.md').find(({ text }) =>
    text.startsWith('// schema/channels.ts'),
  )
  const { outputText } = ts.transpileModule(block?.text ?? '', { compilerOptions: { module: ts.ModuleKind.CommonJS } })
  const modules: Readonly<Record<string, unknown>> = { valibot: v, 'serverless-graphql-subscriptions': core }
  const exported = {}
  const run = compileFunction(outputText, ['require', 'exports']) as (require: unknown, exports: object) => void
  run((name: string) => modules[name], exported)
  return exported
}

function isChannel(value: unknown): value is ChannelDefinition & { decode(data: unknown): Promise<unknown> } {
  return typeof value === 'object' && value !== null && 'decode' in value
}

/** Every object of a text that begins with the member "channel", whatever the language of the code around it. */
function eventsIn(text: string): readonly string[] {
  return [...text.matchAll(/\{\s*"channel"/g)].map(({ index }) => {
    let depth = 0
    for (let end = index; end < text.length; end++) {
      if (text[end] === '{') depth++
      if (text[end] === '}' && --depth === 0) return text.slice(index, end + 1)
    }
    return text.slice(index)
  })
}

/** @returns why an event would be refused; undefined if it would not */
async function faultOf(text: string): Promise<string | undefined> {
  const filled = text
    .replaceAll(/(?<!")<(\w+)>/g, (placeholder, name: string) => placeholders[name] ?? placeholder)
    .replaceAll(/,(\s*\})/g, '$1') // Python allows a comma at the end
  try {
    const { channel, data, complete } = parseWireEvent(JSON.parse(filled), channels, 'id')
    if (!complete) await channels.get(channel.name)?.decode(data)
    return undefined
  } catch (error) {
    return `${text}: ${String(error)}`
  }
}

it('every event that a page shows, in whatever language, is valid for the channels of the how-to pages', async () => {
  const shown = pages
    .filter((page) => page !== tutorial)
    .flatMap((page) => blocksOf(page).flatMap(({ text }) => eventsIn(text)))
  expect(shown.length).toBeGreaterThan(7)
  expect((await Promise.all(shown.map(faultOf))).filter(Boolean)).toEqual([])
})

it.each([
  ['{"channel":"order","keys":["o-1"],"data":{"status":"COOKING"}}', 'Invalid data for channel "order"'],
  ['{"channel":"orders","keys":["o-1"],"data":{}}', 'Expected "channel" to be one of order, restaurant, courier'],
  ['{"channel":"order","data":{}}', 'Expected "keys" to be a string or a list of strings, got undefined.'],
])('the check of %s reports: %s', async (text, fault) => {
  expect(eventsIn(`aws sns publish --message '${text}'`)).toEqual([text])
  expect(await faultOf(text)).toContain(fault)
})
