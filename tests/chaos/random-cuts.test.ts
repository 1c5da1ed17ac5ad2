import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'
import { createConnection } from 'serverless-graphql-subscriptions/client'
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

/** A client that does what its library's documentation says, over a connection of the package. */
function join(library: Library, board: string) {
  const heard: string[] = []
  const ended: unknown[] = []
  const connection = createConnection({
    webSocketImpl: WebSocket,
    answerSeconds: 2,
    silenceSeconds: 1,
    longestPauseSeconds: 0.05,
    onIncomplete: () => ended.push('incomplete'),
  })
  const query = `subscription { notes(board: ${JSON.stringify(board)}) { text } }`
  const sink = {
    next: ({ data }: Event) => {
      if (data) heard.push(data.notes.text)
    },
    error: (error: unknown) => ended.push(error),
    complete: () => ended.push('complete'),
  }
  const { webSocketUrl: url } = lines
  if (library === 'graphql-ws') {
    const client = createClient({ url, webSocketImpl: connection.WebSocket })
    client.subscribe<NonNullable<Event['data']>>({ query }, sink)
    return { board, heard, ended, connection, leave: () => void client.dispose() }
  }
  const client = new SubscriptionClient(url, {}, connection.WebSocket, [])
  client.request({ query }).subscribe(sink as never)
  const leave = () => {
    client.close()
  }
  return { board, heard, ended, connection, leave }
}

const boards = ['a', 'b', 'c', 'd', 'e']
const cuts = Number(process.env['CUTS'] ?? 1_000)

it('misses nothing and hears nothing twice over 1,000 random cuts', async () => {
  const clients = boards.flatMap((board) =>
    libraries.flatMap((library) => [join(library, board), join(library, board)]),
  )
  const published = new Map<string, string[]>(boards.map((board) => [board, []]))
  const publish = async (board: string) => {
    const texts = published.get(board) ?? []
    const text = `${board} ${texts.length}`
    texts.push(text)
    await lines.publish(board, text)
  }
  await until(
    async () => {
      for (const board of boards) await lines.publish(board, 'begin')
      return clients.map(({ heard }) => heard.length)
    },
    (counts) => counts.every((count) => count > 0),
  )
  await sleep(300)
  for (const client of clients) client.heard.length = 0

  let left = cuts
  const publishing = Promise.all(
    boards.map(async (board) => {
      while (left > 0) {
        await publish(board)
        await sleep(Math.random() * 500)
      }
    }),
  )
  while (left > 0) {
    await sleep(Math.random() * 100)
    const good = lines.opened.filter((connection) => connection.isOpen() && connection.line === 'good')
    const connection = good[Math.floor(Math.random() * good.length)]
    if (!connection) continue
    left--
    if (Math.random() < 0.05) connection.line = 'dead'
    else void connection.end([1000, 1001, 1006][left % 3] ?? 1000)
  }
  await publishing
  for (const connection of lines.opened) if (connection.line === 'dead') void connection.end(1001)
  for (const board of boards) await publish(board)
  const missing = () =>
    clients.flatMap(({ board, heard }) => {
      const known = new Set(heard)
      return (published.get(board) ?? []).filter((text) => !known.has(text))
    })
  for (let i = 0; i < 300 && missing().length > 0; i++) await sleep(100)
  expect(missing()).toEqual([])
  expect(clients.flatMap(({ heard }) => heard.filter((text, n) => heard.indexOf(text) !== n))).toEqual([])
  expect(clients.flatMap(({ ended }) => ended)).toEqual([])
  for (const { leave } of clients) leave()
}, 300_000)
