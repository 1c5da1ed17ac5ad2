import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { channelTopic } from '../../lib/channels/topic'
import { type RoomsUnderTest, startRooms } from './support/rooms'

let rooms: RoomsUnderTest
let board: string
let count = 0

beforeAll(async () => {
  rooms = await startRooms({ counts: true })
})
afterAll(() => rooms.close())
beforeEach(() => {
  rooms.forget()
  board = `room ${++count}`
})

const id = (name: string) => `${name} in ${board}`
const enter = (name: string) => rooms.enter(id(name), { board, name })
const subscribe = (name: string) => rooms.say(id(name), { query: `subscription { draft(board: "${board}") }` })

/** What reads a room and sends its state to a number of connections. */
const state = (posts: number) => ({
  GetItem: 2,
  UpdateItem: 2,
  'Query of the index': 2,
  PutItem: 1,
  SendMessage: 1,
  PostToConnection: posts,
})

/** Four states, each with one more read of the last one. */
const idleHour = (members: number) =>
  Object.fromEntries(Object.entries({ ...state(members), GetItem: 3 }).map(([call, times]) => [call, 4 * times]))

// These are the counts of docs/how-to/presence.md.
describe('The calls and units of', () => {
  it('a member that joins', async () => {
    await rooms.connect(id('Ann'))
    expect(await rooms.cost(() => subscribe('Ann'))).toEqual({
      calls: { Query: 1, PutItem: 1 },
      readUnits: 1,
      writeUnits: 2,
    })
    await rooms.connect(id('Ben'))
    expect(await rooms.cost(() => enter('Ben'))).toEqual({
      calls: { Query: 1, PutItem: 1, SendMessage: 2, 'Query of the index': 1, GetItem: 1 },
      readUnits: 1 + 1.5,
      writeUnits: 2,
    })
  })

  it('a member that unsubscribes', async () => {
    await enter('Ann')
    expect(await rooms.cost(() => rooms.stop(id('Ann'), rooms.topic(board)))).toEqual({
      calls: { DeleteItem: 1, GetItem: 1, SendMessage: 2 },
      readUnits: 1,
      writeUnits: 2,
    })
    await subscribe('Ann')
    expect(await rooms.cost(() => rooms.stop(id('Ann'), channelTopic('draft', board)))).toEqual({
      calls: { DeleteItem: 1, GetItem: 1 },
      readUnits: 1,
      writeUnits: 2,
    })
  })

  it('a connection of a member that ends', async () => {
    await rooms.connect(id('Ann'))
    await subscribe('Ann')
    expect(await rooms.cost(() => rooms.leave(id('Ann')))).toEqual({
      calls: { Query: 1, BatchWriteItem: 1 },
      readUnits: 1,
      writeUnits: 3,
    })
    await enter('Ben')
    await enter('Cem')
    await rooms.pass(5)
    expect(await rooms.cost(() => rooms.leave(id('Ben')))).toEqual({
      calls: { Query: 1, BatchWriteItem: 1, SendMessage: 2, PutItem: 1 },
      readUnits: 1,
      writeUnits: 3,
    })
    expect(await rooms.cost(() => rooms.pass(13))).toEqual({
      calls: { ...state(1), BatchWriteItem: 1, GetItem: 3 },
      readUnits: 3 + 1,
      writeUnits: 3 + 2,
    })
  })

  it('a state, and a change that was read together with another', async () => {
    for (const name of ['Ann', 'Ben', 'Cem']) await enter(name)
    await rooms.pass(5)
    await rooms.stop(id('Ann'), rooms.topic(board))
    await rooms.pass(0.5)
    await rooms.stop(id('Ben'), rooms.topic(board))
    expect(await rooms.cost(() => rooms.pass(0.5))).toEqual({ calls: state(1), readUnits: 3, writeUnits: 3 })
    const threeMessages = () => rooms.pass(1.5) // the second of the first change, and both of the second one
    expect(await rooms.cost(threeMessages)).toEqual({ calls: { GetItem: 3 }, readUnits: 3, writeUnits: 0 })
  })

  it('a state of a room that changes too often for the first message of a change', async () => {
    await rooms.enterOften(board, ['Ann', 'Ben', 'Cem', 'Dan'])
    await rooms.pass(0.95)
    await enter('Eva')
    const first = () => rooms.pass(1)
    expect(await rooms.cost(first)).toEqual({ calls: { GetItem: 1, SendMessage: 1 }, readUnits: 1, writeUnits: 0 })
    const secondAndThird = () => rooms.pass(2)
    expect(await rooms.cost(secondAndThird)).toEqual({
      calls: { ...state(5), GetItem: 2 + 2 }, // the operation of the first one whose name is "Eva", too
      readUnits: 5,
      writeUnits: 3,
    })
  })

  it('an idle hour of a room with one member', async () => {
    await enter('Ann')
    await rooms.pass(5)
    expect(await rooms.cost(() => rooms.pass(3_600))).toEqual({ calls: idleHour(1), readUnits: 16, writeUnits: 12 })
  })

  it('a room with 20 members of 256 bytes each, whose state has 6 KB, and whose entries have 9 KB', async () => {
    for (let n = 10; n < 30; n++) await rooms.enter(id(`${n}`), { board, name: `${n}${'x'.repeat(243)}` })
    await rooms.pass(5)
    await rooms.connect(id('watcher'))
    const watch = () => rooms.enter(id('watcher'), { board })
    expect(await rooms.cost(watch)).toMatchObject({ readUnits: 1 + 0.5 + 2, writeUnits: 2 })
    await rooms.stop(id('watcher'), rooms.topic(board))
    expect(await rooms.cost(() => rooms.pass(3_600))).toEqual({
      calls: idleHour(20),
      readUnits: 4 * (1 + 2 * 2 + 3),
      writeUnits: 4 * (2 + 6),
    })
  })
})
