import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { until } from '../support/until'
import { type Connection, libraries, type SpoiledLines, startSpoiledLines } from './support/spoiled-lines'

/**
 * API Gateway accepts posts to a dead line for up to ten minutes. The close code does not reveal that the line was
 * dead.
 */
let lines: SpoiledLines
let laterMs = 0

beforeAll(async () => {
  const realNow = Date.now
  jest.spyOn(Date, 'now').mockImplementation(() => realNow() + laterMs)
  lines = await startSpoiledLines() // it uses the mocked clock
})
afterEach(() => {
  lines.isOpen = true
  lines.diesAfterPosts = Infinity
})
afterAll(() => lines.close())

const pass = (minutes: number) => {
  laterMs += minutes * 60_000
}
const untilPosted = (connection: Connection | undefined, text: string) =>
  until(
    () => Promise.resolve(connection?.posts ?? []),
    (posts) => posts.some((post) => post.includes(text)),
  )

describe.each(libraries)('a client of %s', (library) => {
  // Regression: 1001, 1000 and 4499 counted as exact ends, so events posted to the dead line were lost.
  it.each([1000, 1001, 1005, 1006, 4499])(
    'receives on reconnect the events that were posted to a dead line (close code %i)',
    async (code) => {
      const board = `tunnel ${library} ${code}`
      const client = await lines.join(library, { clientId: board, board })
      await lines.publish(board, 'before')
      await client.untilHeard('before')
      pass(5)
      const [connection] = client.connections
      if (connection) connection.line = 'dead'
      await lines.publish(board, 'at first')
      pass(4)
      await lines.publish(board, 'in the end')
      await untilPosted(connection, 'in the end')
      expect(client.heard).toEqual(['before'])

      await connection?.end(code)
      await lines.publish(board, 'after')
      await client.untilHeard('at first', 'in the end', 'after')
      expect(client.ended).toEqual([])
    },
  )

  it('receives every event if its line dies during a replay', async () => {
    const board = `replay ${library}`
    const client = await lines.join(library, { clientId: board, board })
    const texts = Array.from({ length: 30 }, (_, n) => `missed ${n}.`)
    lines.isOpen = false
    await client.connections[0]?.end(1006)
    for (const text of texts) await lines.publish(board, text)
    pass(1)
    lines.diesAfterPosts = 5
    lines.isOpen = true
    await until(
      () => Promise.resolve(client.connections[1]),
      (connection) => connection !== undefined,
    )
    lines.diesAfterPosts = Infinity
    await untilPosted(client.connections[1], texts.at(-1) ?? '')
    expect(new Set(client.heard).size).toBeLessThan(10)

    pass(1)
    await client.connections[1]?.end(1001)
    await client.untilHeard(...texts)
  })
})
