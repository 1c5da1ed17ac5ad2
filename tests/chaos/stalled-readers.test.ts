import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { seededRandom } from '../../chaos/random'
import { until } from '../support/until'
import {
  type Connection,
  libraries,
  type Listener,
  type SpoiledLines,
  startSpoiledLines,
} from './support/spoiled-lines'

/** API Gateway answers 429 for a client that does not read, and for all clients when the account's quota is used up. */
let lines: SpoiledLines

beforeAll(async () => {
  lines = await startSpoiledLines()
})
afterEach(() => {
  lines.refuse = () => undefined
})
afterAll(() => lines.close())

async function joinReaders(board: string, count: number): Promise<readonly Listener[]> {
  const readers: Listener[] = []
  while (readers.length < count) {
    const library = readers.length % 2 === 0 ? 'graphql-ws' : 'subscriptions-transport-ws'
    readers.push(await lines.join(library, { clientId: `${board} ${readers.length}`, board }))
  }
  return readers
}

/**
 * Publishes an event. @returns the milliseconds until the last of `readers` has received it, and the promise of the
 * publication
 */
async function timeToHear(readers: readonly Listener[], board: string, text: string) {
  const beganMs = Date.now()
  const published = lines.publish(board, text)
  await Promise.all(readers.map(({ untilHeard }) => untilHeard(text)))
  return { tookMs: Date.now() - beganMs, published }
}

const untilCutOff = (connection: Connection | undefined) =>
  until(
    () => Promise.resolve(connection?.isOpen()),
    (isOpen) => isOpen === false,
  )

/** Publishes once, because the first publication of a process takes longer. */
async function warmUp(): Promise<void> {
  const [reader] = await joinReaders('warm-up', 1)
  if (reader) await (await timeToHear([reader], 'warm-up', 'Hello')).published
}

it('readers stay connected and receive every event while half of all posts are throttled', async () => {
  const board = 'throttled'
  const readers = await joinReaders(board, 20)
  const random = seededRandom(16)
  lines.refuse = ({ method }) => (method === 'POST' && random() < 0.5 ? 429 : undefined)
  for (const text of ['one', 'two', 'three', 'four', 'five']) await lines.publish(board, text)
  await Promise.all(readers.map(({ untilHeard }) => untilHeard('one', 'two', 'three', 'four', 'five')))
  expect(readers.map(({ connections }) => connections.length)).toEqual(readers.map(() => 1))
})

describe.each(libraries)('a client of %s that does not read', (library) => {
  // Regression: at each event, the publisher posted to it until the invocation had no time left.
  it('gets at most 5 posts, delays no other reader and receives missed events on reconnect', async () => {
    await warmUp()
    const [quiet, board] = [`quiet ${library}`, `stalled ${library}`]
    const others = await joinReaders(quiet, 20)
    const readers = await joinReaders(board, 20)
    const stalled = await lines.join(library, { clientId: board, board })
    const [connection] = stalled.connections
    if (connection) connection.line = 'full'

    const alone: number[] = []
    const beside: number[] = []
    for (const text of ['one', 'two', 'three']) {
      const first = await timeToHear(others, quiet, text)
      const second = await timeToHear(readers, board, text)
      alone.push(first.tookMs)
      beside.push(second.tookMs)
      await Promise.all([first.published, second.published])
    }
    expect(Math.max(...beside)).toBeLessThan(2 * Math.max(...alone) + 500)
    await untilCutOff(connection)
    expect(connection?.posts.length).toBeLessThanOrEqual(5)
    await stalled.untilHeard('one', 'two', 'three')
    expect(stalled.ended).toEqual([])
    expect(readers.map(({ connections }) => connections.length)).toEqual(readers.map(() => 1))
  })
})

it('10 stalled clients with 10 subscriptions each are cut off and delay no reader beyond 3 s', async () => {
  const board = 'ten'
  const readers = await joinReaders(board, 20)
  await joinReaders('another', 10)
  const joining = Array.from({ length: 10 }, (_, n) =>
    lines.join('graphql-ws', { clientId: `ten stalled ${n}`, board }),
  )
  const stalled = await Promise.all(joining)
  const connections = stalled.flatMap(({ connections: [first] }) => first ?? [])
  await Promise.all(connections.map((connection) => lines.multiply(connection, 10)))
  for (const connection of connections) connection.line = 'full'
  const { tookMs, published } = await timeToHear(readers, board, 'one')
  expect(tookMs).toBeLessThan(3_000)
  const over = new AbortController()
  const publishing = published.finally(() => {
    over.abort()
  })
  // As long as others are served, few refusals tell that a client does not read.
  while (!over.signal.aborted) await lines.publish('another', 'Hello')
  await publishing
  await Promise.all(connections.map(untilCutOff))
  const posts = connections.map((connection) => connection.posts.length)
  await lines.publish(board, 'two')
  expect(connections.map((connection) => connection.posts.length)).toEqual(posts)
  // On a busy machine, all 10 posts of a connection are under way when its first is refused. One of them is retried.
  expect(Math.max(...posts)).toBeLessThanOrEqual(10 + 4)
})
