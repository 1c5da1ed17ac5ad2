import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'
import { createConnection } from 'serverless-graphql-subscriptions/client'
import { until } from '../support/until'
import { libraries, type Library, type SpoiledLines, startSpoiledLines } from './support/spoiled-lines'

let lines: SpoiledLines
const leaving: (() => void)[] = []

beforeAll(async () => {
  lines = await startSpoiledLines()
})
afterAll(async () => {
  for (const leave of leaving) leave()
  await lines.close()
})

interface Event {
  readonly data?: { readonly notes: { readonly text: string } } | null
}

/** A client as its library's documentation says, over a connection of the client package. */
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
    leaving.push(() => void client.dispose())
    return { board, heard, ended }
  }
  const client = new SubscriptionClient(url, {}, connection.WebSocket, [])
  client.request({ query }).subscribe(sink as never)
  leaving.push(() => {
    client.close()
  })
  return { board, heard, ended }
}

const boards = ['a', 'b', 'c']
/** The number of cuts. `CUTS=1000 npx jest tests/chaos/random-cuts` makes more than fit into every run. */
const cuts = Number(process.env['CUTS'] ?? 150)
const statusCodes = [1000, 1001, 1006] as const

it(
  `clients receive every event exactly once over ${cuts} random cuts`,
  async () => {
    const clients = boards.flatMap((board) => [...libraries, ...libraries].map((library) => join(library, board)))
    const published = new Map(boards.map((board) => [board, [] as string[]]))
    const publish = async (board: string) => {
      const texts = published.get(board) ?? []
      const text = `${board} ${texts.length}`
      texts.push(text)
      await lines.publish(board, text)
    }
    await until(
      async () => {
        await Promise.all(boards.map(publish))
        return clients.map(({ heard }) => heard.length)
      },
      (counts) => counts.every((count) => count > 0),
    )

    let left = cuts
    const publishing = boards.map(async (board) => {
      while (left > 0) {
        await publish(board)
        await pauseOfUpTo(500)
      }
    })
    while (left > 0) {
      await pauseOfUpTo(100)
      const good = lines.opened.filter((connection) => connection.isOpen() && connection.line === 'good')
      const connection = good[Math.floor(Math.random() * good.length)]
      if (!connection) continue
      left--
      if (Math.random() < 0.05) connection.line = 'dead'
      else void connection.end(statusCodes[left % 3] ?? 1000)
    }
    await Promise.all(publishing)
    await Promise.all(boards.map(publish))

    /**
     * The events that clients lack, each from the first one that it received: earlier ones may precede its
     * subscription.
     */
    const missing = () =>
      clients.flatMap(({ board, heard }) => {
        const [first = ''] = heard
        const texts = published.get(board) ?? []
        return texts.slice(texts.indexOf(first)).filter((text) => !heard.includes(text))
      })
    await until(
      () => Promise.resolve(missing()),
      ({ length }) => length === 0,
    )
    expect(clients.flatMap(({ heard }) => heard.filter((text, n) => heard.indexOf(text) !== n))).toEqual([])
    expect(clients.flatMap(({ ended }) => ended)).toEqual([])
  },
  60_000 + cuts * 300,
)

/** Waits for a random time, so that connections are cut at any stage of their work. */
function pauseOfUpTo(ms: number): Promise<void> {
  return sleep(Math.random() * ms)
}
