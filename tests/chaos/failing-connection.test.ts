import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { libraries, type SpoiledLines, startSpoiledLines } from './support/spoiled-lines'

let lines: SpoiledLines

beforeAll(async () => {
  lines = await startSpoiledLines()
})
afterAll(() => lines.close())

// Regression: the publisher gave up on the client and left it connected, and a person had to send the event again.
it.each(libraries)(
  'a client of %s reconnects and receives all events after API Gateway failed for 10 s',
  async (library) => {
    const board = `failing ${library}`
    const others = await Promise.all(
      libraries.map((each) => lines.join(each, { clientId: `beside ${board} ${each}`, board })),
    )
    const client = await lines.join(library, { clientId: board, board })
    const [connection] = client.connections
    if (connection) connection.line = 'failing'
    const published = ['one', 'two'].map((text) => lines.publish(board, text))
    await sleep(10_000)
    if (connection) connection.line = 'good'
    await Promise.all(published)
    await lines.publish(board, 'three')
    await Promise.all([client, ...others].map(({ untilHeard }) => untilHeard('one', 'two', 'three')))
    expect(connection?.isOpen()).toBe(false)
    expect(client.ended).toEqual([])
    expect(lines.served.failedEvents).toEqual([])
    for (const { heard, connections } of others) {
      expect([heard.toSorted(), connections.length]).toEqual([['one', 'three', 'two'], 1])
    }
  },
)
