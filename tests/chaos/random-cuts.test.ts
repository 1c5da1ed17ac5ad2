import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'
import { createConnection } from '../../lib/client'
import { until } from '../support/until'
import { libraries, type Library, type SpoiledLines, startSpoiledLines } from './support/spoiled-lines'

let lines: SpoiledLines

beforeAll(async () => {
  lines = await startSpoiledLines()
})
afterAll(() => lines.close())

interface Event {
  readonly data?: { readonly notes: { readonly text: string } } | null
}

/** A client that does what its library's documentation says, with the package's connection under it. */
function join(library: Library, board: string) {
  const heard: string[] = []
  const ended: unknown[] = []
  const incomplete: unknown[] = []
  const connection = createConnection({
    webSocketImpl: WebSocket,
    answerSeconds: 0.4,
    silenceSeconds: 0.4,
    longestPauseSeconds: 0.05,
    onIncomplete: (subscription) => incomplete.push(subscription),
  })
  const query = `subscription { notes(board: ${JSON.stringify(board)}) { text } }`
  const sink = {
    next: ({ data }: Event) => heard.push(data?.notes.text ?? ''),
    error: (error: unknown) => ended.push(error),
    complete: () => ended.push('complete'),
  }
  if (library === 'graphql-ws') {
    const client = createClient({ url: lines.webSocketUrl, webSocketImpl: connection.WebSocket })
    client.subscribe({ query }, sink as never)
    return { board, heard, ended, incomplete, connection, leave: () => void client.dispose() }
  }
  const client = new SubscriptionClient(lines.webSocketUrl, {}, connection.WebSocket, [])
  client.request({ query }).subscribe(sink as never)
  return { board, heard, ended, incomplete, connection, leave: () => { client.close() } }
}

it('misses nothing and hears nothing twice over 1,000 random cuts', async () => {
  const total = Number(process.env['CUTS'] ?? 1000), perLibrary = Number(process.env['CLIENTS'] ?? 20), t0 = Date.now()
  const boards = ['a', 'b', 'c', 'd']
  const clients = libraries.flatMap((library) => Array.from({ length: perLibrary }, (_, n) => join(library, boards[n % 4] ?? '')))
  const published = new Map(boards.map((board) => [board, [] as string[]]))
  const publish = async (board: string) => {
    const texts = published.get(board) ?? []
    const text = `${board} ${texts.length}`
    texts.push(text)
    await lines.publish(board, text)
  }
  await until(() => Promise.resolve(clients.map(({ connection }) => connection.state().state)), (s) => s.every((x) => x === 'live'))
  await until(async () => { for (const b of boards) await lines.publish(b, 'begin'); return clients.map(({ heard }) => heard.length) }, (n) => n.every((x) => x > 0))
  await sleep(500)
  for (const { heard } of clients) heard.length = 0
  console.log('ready', Date.now() - t0)

  let cuts = 0
  let isOver = false
  const publishing = Promise.all(boards.map(async (board) => { while (!isOver) { await publish(board); await sleep(Math.random() * 200) } }))
  while (cuts < total) {
    const alive = lines.opened.filter((connection) => connection.isOpen() && connection.line === 'good')
    const connection = alive[Math.floor(Math.random() * alive.length)]
    if (connection) {
      cuts++
      if (Math.random() < 0.1) connection.line = 'dead'
      else void connection.end([1000, 1001, 1006][cuts % 3] ?? 1000)
    }
    await sleep(Math.random() * 40)
  }
  isOver = true
  await publishing
  for (const c of lines.opened) if (c.line === 'dead') void c.end(1001)
  console.log('cut', Date.now() - t0, [...published.values()].map((x) => x.length), lines.opened.length)
  for (const board of boards) await publish(board)
  const missing = () => clients.flatMap(({ board, heard }, n) => { const s = new Set(heard); const m = (published.get(board) ?? []).filter((t) => !s.has(t)); return m.length ? [`${n}: ${m.join()}`] : [] })
  for (let i = 0; i < 300 && missing().length > 0; i++) await sleep(100)
  console.log('done', Date.now() - t0, clients.map(({connection})=>connection.state().state).join())
  expect(missing()).toEqual([])
  expect(clients.flatMap(({ heard }) => heard.filter((t, i) => heard.indexOf(t) !== i))).toEqual([])
  expect(clients.flatMap(({ ended, incomplete }) => [...ended, ...incomplete])).toEqual([])
  for (const { leave } of clients) leave()
}, 300_000)
