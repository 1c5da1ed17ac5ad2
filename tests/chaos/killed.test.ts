import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { type Chat, type CloudUnderTest, startCloudUnderTest } from './support/cloud-under-test'

jest.setTimeout(120_000)

/** What makes a function run, in a chat of its own. */
interface Occasion {
  readonly functionName: string
  /** What comes before, undisturbed. */
  readonly prepare: (chat: Chat) => Promise<unknown>
  readonly act: (chat: Chat) => unknown
}

let on: CloudUnderTest
beforeAll(async () => {
  on = await startCloudUnderTest({ languages: ['fr'] }) // so that publishers do not race, and calls come in the same order each time
})
afterEach(() => {
  on.faults.follow([])
})
afterAll(() => on.close())

const occasions: Readonly<Record<string, Occasion>> = {
  'translate, at a message': {
    functionName: 'translate-fr',
    prepare: () => Promise.resolve(),
    act: ({ say }) => say('Hello'),
  },
  'publish, at the first message of a chat': {
    functionName: 'publish',
    async prepare(chat) {
      chat.joinCurrent()
      await on.tables.untilSubscribed(chat.chatId, 1)
    },
    act: ({ say }) => say('Hello'),
  },
  'publish, at a replay': {
    functionName: 'publish',
    async prepare({ say }) {
      await say('One')
      await say('Two')
    },
    act: (chat) => chat.joinCurrent(0),
  },
  'default, while a client connects, subscribes and posts': {
    functionName: 'default',
    prepare: ({ say }) => say('Before'),
    act: (chat) => chat.joinCurrent(0).say('Over the socket'),
  },
  'default, while a client comes back that was cut': {
    functionName: 'default',
    async prepare(chat) {
      chat.joinCurrent()
      await on.tables.untilSubscribed(chat.chatId, 1)
    },
    async act({ clients, say }) {
      for (const { drop } of clients) drop()
      await say('After the cut')
    },
  },
}

/** After one call is before the next: between them, nothing leaves the Lambda. */
describe('a Lambda that is killed before its first call, or after any, loses nothing:', () => {
  it.each(Object.entries(occasions))('%s', async (_name, { functionName, prepare, act }) => {
    const chats: Chat[] = []
    const run = async (plan: Parameters<typeof on.faults.follow>[0]) => {
      const chat = on.openChat()
      chats.push(chat)
      on.faults.follow([])
      await prepare(chat)
      await on.untilNothingIsLost(chat)
      on.faults.follow(plan)
      await act(chat)
      await on.untilNothingIsLost(chat)
      return on.faults.calls({ functionName })
    }
    const calls = await run([])
    expect(calls).toBeGreaterThan(1)
    await run([{ fault: 'killedBefore', of: { functionName }, times: 1 }])
    expect(on.faults.outstanding()).toEqual([])
    for (let n = 1; n <= calls; n++) {
      await run([{ fault: 'killedAfter', of: { functionName }, from: n, times: 1 }])
      // How many calls it makes depends on what runs beside it, so a run may have no call with this number.
      if (on.faults.outstanding().length > 0) expect(on.faults.calls({ functionName })).toBeLessThan(n)
    }
    on.faults.follow([])
    await on.untilNothingIsLeft(...chats)
  })
})
