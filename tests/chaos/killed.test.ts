import { describe, expect, it } from '@jest/globals'
import { type CloudUnderTest, type OpenRoom, startCloudUnderTest } from './support/cloud-under-test'

/** A way to make a function run, in a room of its own. */
interface Occasion {
  readonly functionName: string
  /** The preparation, which runs without faults. */
  readonly prepare: (room: OpenRoom, on: CloudUnderTest) => Promise<unknown>
  readonly act: (room: OpenRoom) => unknown
}

const occasions: Readonly<Record<string, Occasion>> = {
  'publish, at the first event of a board': {
    functionName: 'publish',
    async prepare(room, on) {
      room.joinCurrent()
      await on.tables.untilSubscribed(room.clients)
    },
    act: ({ say }) => say('Hello'),
  },
  'publish, during a replay': {
    functionName: 'publish',
    async prepare({ say }) {
      await say('One')
      await say('Two')
    },
    act: (room) => room.joinCurrent(0),
  },
  'default, while a client connects, subscribes and publishes': {
    functionName: 'default',
    prepare: ({ say }) => say('Before'),
    act: (room) => room.joinCurrent(0).say('Over the socket'),
  },
  'default, while a client reconnects after a cut': {
    functionName: 'default',
    async prepare(room, on) {
      room.joinCurrent()
      await on.tables.untilSubscribed(room.clients)
    },
    async act({ clients, say }) {
      for (const { drop } of clients) drop()
      await say('After the cut')
    },
  },
}

/**
 * To be killed after a call is to be killed before the next one, because nothing leaves the Lambda in between. Each
 * occasion has a cloud of its own, so that all can run concurrently.
 */
describe('a Lambda that is killed before its first or after any AWS call loses no event:', () => {
  it.concurrent.each(Object.entries(occasions))('%s', async (_name, { functionName, prepare, act }) => {
    const on = await startCloudUnderTest()
    try {
      const rooms: OpenRoom[] = []
      const run = async (plan: Parameters<typeof on.faults.follow>[0]) => {
        const room = on.openRoom()
        rooms.push(room)
        on.faults.follow([])
        await prepare(room, on)
        await on.untilNothingIsLost(room)
        on.faults.follow(plan)
        await act(room)
        await on.untilNothingIsLost(room)
        return on.faults.calls({ functionName })
      }
      const calls = await run([])
      expect(calls).toBeGreaterThan(1)
      await run([{ fault: 'killedBefore', of: { functionName }, times: 1 }])
      expect(on.faults.outstanding()).toEqual([])
      for (let n = 1; n <= calls; n++) {
        await run([{ fault: 'killedAfter', of: { functionName }, from: n, times: 1 }])
        // The number of calls depends on what runs at the same time, so a run may end before its n-th call.
        if (on.faults.outstanding().length > 0) expect(on.faults.calls({ functionName })).toBeLessThan(n)
      }
      on.faults.follow([])
      await on.untilNothingIsLeft(...rooms)
    } finally {
      await on.close()
    }
  })
})
