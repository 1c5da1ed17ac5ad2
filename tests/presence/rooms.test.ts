import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type RoomsUnderTest, startRooms } from './support/rooms'

let rooms: RoomsUnderTest
let board: string
let count = 0

beforeAll(async () => {
  rooms = await startRooms()
})
afterAll(() => rooms.close())
beforeEach(() => {
  rooms.forget()
  board = `board-${++count}`
})

const id = (name: string) => `${name} of ${board}`
const enter = (name: string, more = {}) => rooms.enter(id(name), { board, name, ...more })

describe('a subscription to a room', () => {
  it('receives the present state at once, and every member the new state after 1 s', async () => {
    await enter('Ann')
    expect(rooms.heard(id('Ann'))).toMatchObject([{ count: 0, members: [] }])
    await rooms.pass(3)
    await enter('Ben')
    expect(rooms.heard(id('Ben'))).toMatchObject([{ count: 1, members: [{ name: 'Ann' }], joined: [], left: [] }])
    await rooms.pass(1)
    const [ben] = rooms.truth(id('Ben'))?.joined ?? []
    expect(rooms.names(id('Ann'))).toEqual(['Ann', 'Ben'])
    expect(rooms.truth(id('Ann'))).toEqual(rooms.truth(id('Ben')))
    expect(rooms.truth(id('Ann'))?.members?.find(({ name }) => name === 'Ben')?.id).toBe(ben)
  })

  it('shares one event with another that begins half a second later', async () => {
    await enter('Ann')
    await rooms.pass(10)
    const before = rooms.events(board)
    await enter('Ben')
    await rooms.pass(0.5)
    await enter('Cem')
    await rooms.pass(10)
    expect(rooms.events(board) - before).toBe(1)
    expect(rooms.truth(id('Ann'))?.joined).toHaveLength(2)
  })

  it('causes at most four events together with 19 others that begin within 2 s, and all know of it within 3 s', async () => {
    await enter('Ann')
    await rooms.pass(10)
    const before = rooms.events(board)
    for (let n = 0; n < 20; n++) {
      await enter(`guest ${n}`)
      await rooms.pass(0.1)
    }
    await rooms.pass(2.9)
    expect(rooms.truth(id('Ann'))?.count).toBe(21)
    expect(rooms.events(board) - before).toBeLessThanOrEqual(4)
  })

  it('causes at most 30 events a minute together with 119 others', async () => {
    const before = rooms.events(board)
    for (let n = 0; n < 120; n++) {
      await enter(`guest ${n}`)
      await rooms.pass(0.5)
    }
    expect(rooms.events(board) - before).toBeLessThanOrEqual(30)
    await rooms.pass(5)
    expect(rooms.truth(id('guest 0'))).toMatchObject({ count: 120, members: null, joined: [], left: [] })
  })

  it('causes one event in a room to which it takes more than a second to post, if it took as long the last time', async () => {
    const eventsOf = async (name: string) => {
      const before = rooms.events(board)
      await enter(name)
      rooms.slowDown('PostToConnection', 1.5, 2)
      await rooms.pass(10)
      return rooms.events(board) - before
    }
    expect(await eventsOf('Ann')).toBe(2)
    expect(await eventsOf('Ben')).toBe(1)
    expect(rooms.names(id('Ann'))).toEqual(['Ann', 'Ben'])
    await enter('Cem')
    await rooms.pass(50, { dying: [3] })
    expect(rooms.names(id('Ann'))).toEqual(['Ann', 'Ben'])
    await rooms.pass(20)
    expect(rooms.names(id('Ann'))).toEqual(['Ann', 'Ben', 'Cem'])
  })

  it('only watches the room if it has no member', async () => {
    await rooms.enter(id('watcher'), { board })
    await enter('Ann')
    await rooms.pass(3)
    expect(rooms.truth(id('watcher'))).toMatchObject({ count: 1, members: [{ name: 'Ann' }] })
  })
})

describe('a member that leaves', () => {
  const ends = [
    ['it unsubscribes', 'DeleteItem', () => rooms.stop(id('Ben'), rooms.topic(board))],
    ['endUser ends its connections', 'BatchWriteItem', () => rooms.endUser(id('Ben'))],
    ['the server ends its subscription', 'DeleteItem', () => rooms.complete(rooms.topic(board))],
  ] as const

  it.each(ends)('has left after 1 s if %s', async (_how, _operation, end) => {
    await rooms.enter(id('watcher'), { board })
    await enter('Ben')
    await rooms.pass(5)
    await end()
    await rooms.enter(id('watcher'), { board })
    await rooms.pass(1)
    expect(rooms.truth(id('watcher'))).toMatchObject({ count: 0, members: [] })
    expect(rooms.truth(id('watcher'))?.left).toHaveLength(1)
  })

  it.each(ends)('has left 1 s after its entry was deleted, which takes 3 s, if %s', async (_how, operation, end) => {
    await rooms.enter(id('watcher'), { board })
    await enter('Ben')
    await rooms.pass(5)
    rooms.slowDown(operation, 3)
    await end()
    await rooms.enter(id('watcher'), { board })
    await rooms.pass(1)
    expect(rooms.truth(id('watcher'))).toMatchObject({ count: 0, members: [] })
  })

  it('is a member for 10 s after its connection ends, and then has left', async () => {
    await enter('Ann')
    await enter('Ben')
    await rooms.pass(5)
    const before = rooms.events(board)
    await rooms.leave(id('Ben'))
    await enter('Cem')
    await rooms.pass(9)
    expect(rooms.names(id('Ann'))).toEqual(['Ann', 'Ben', 'Cem'])
    await rooms.pass(2)
    expect(rooms.names(id('Ann'))).toEqual(['Ann', 'Cem'])
    expect(rooms.events(board) - before).toBe(2)
    expect((await rooms.table.items()).filter(({ connectionId }) => connectionId === id('Ben'))).toEqual([])
  })

  it.each([
    ['user', { user: 'ben' }],
    ['client', { session: 'session of ben' }],
  ])('has neither left nor joined if the same %s reconnects within 10 s', async (_who, who) => {
    await enter('Ann')
    await rooms.enter(id('before'), { board, name: 'Ben', ...who })
    await rooms.pass(5)
    const before = rooms.events(board)
    await rooms.leave(id('before'))
    await rooms.pass(8)
    await rooms.enter(id('after'), { board, name: 'Ben', ...who })
    expect(rooms.names(id('after'))).toEqual(['Ann', 'Ben'])
    await rooms.pass(30)
    expect(rooms.events(board)).toBe(before)
    expect(rooms.names(id('Ann'))).toEqual(['Ann', 'Ben'])
  })

  it('has left after the next event of the room, or after 15 minutes, if $disconnect is lost', async () => {
    await enter('Ann')
    await enter('Ben')
    await enter('Cem')
    await rooms.pass(5)
    rooms.vanish(id('Ben'))
    await rooms.leave(id('Cem'))
    await rooms.pass(30)
    expect(rooms.names(id('Ann'))).toEqual(['Ann'])

    await enter('Dan')
    await rooms.pass(30)
    rooms.vanish(id('Dan'))
    await rooms.pass(800)
    expect(rooms.names(id('Ann'))).toEqual(['Ann', 'Dan'])
    await rooms.pass(115)
    expect(rooms.names(id('Ann'))).toEqual(['Ann'])
  })
})

it('A room counts a user with three connections once, until the last one ends', async () => {
  await enter('Ann')
  for (const tab of ['one', 'two', 'three']) await rooms.enter(id(tab), { board, name: 'Ben', user: 'ben' })
  await rooms.pass(5)
  expect(rooms.truth(id('Ann'))?.count).toBe(2)
  await rooms.leave(id('one'))
  await rooms.leave(id('three'))
  await rooms.pass(30)
  expect(rooms.truth(id('Ann'))?.count).toBe(2)
  await rooms.leave(id('two'))
  await rooms.pass(30)
  expect(rooms.truth(id('Ann'))?.count).toBe(1)
})

it('A member has a different id in each room', async () => {
  await rooms.enter(id('Ann'), { board, name: 'Ann', user: 'ann' })
  await rooms.enter(id('Ann here'), { board: `${board} too`, name: 'Ann', user: 'ann' })
  await rooms.pass(5)
  const idIn = (connection: string) => rooms.truth(id(connection))?.members?.[0]?.id
  expect(idIn('Ann')).not.toBe(idIn('Ann here'))
})

it('An idle room receives its state four times an hour, an empty room nothing', async () => {
  await enter('Ann')
  await rooms.pass(5)
  const before = rooms.events(board)
  await rooms.pass(3_600)
  expect(rooms.events(board) - before).toBe(4)
  await rooms.leave(id('Ann'))
  await rooms.pass(30)
  const after = rooms.events(board)
  await rooms.pass(3_600)
  expect(rooms.events(board)).toBe(after)
})
