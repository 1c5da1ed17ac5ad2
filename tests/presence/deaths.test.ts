import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type RoomsUnderTest, startRooms } from './support/rooms'

let rooms: RoomsUnderTest

beforeAll(async () => {
  rooms = await startRooms()
})
afterAll(() => rooms.close())
beforeEach(() => {
  rooms.forget()
})

/** More than a function makes for one change: one that a member calls, and `publish` in a room of five. */
const mostCalls = { member: 8, publish: 16 }

/** Longer than the redelivery of a message whose function died, and than the check of an idle room. */
const longSeconds = 1_800

/** Expects these members to be in the latest state of each of them. */
function expectTruth(board: string, names: readonly string[]): void {
  for (const name of names) expect(rooms.names(`${name} of ${board}`)).toEqual(names)
}

describe('The latest state of each member is the truth although', () => {
  it.each(Array.from({ length: mostCalls.member }, (_, n) => n))(
    'the functions that a member calls die after call %i',
    async (calls) => {
      const board = `a board after ${calls}`
      const enter = (name: string) => rooms.enter(`${name} of ${board}`, { board, name })
      await enter('Ann')
      await enter('Ben')
      await enter('Dan')
      await rooms.pass(5)
      rooms.dieAfter(calls)
      await enter('Cem')
      await rooms.pass(20)
      rooms.dieAfter(calls)
      await rooms.leave(`Ben of ${board}`)
      await rooms.pass(20)
      rooms.dieAfter(calls)
      await rooms.stop(`Dan of ${board}`, rooms.topic(board))
      await rooms.pass(20)
      const there = await rooms.present(board)
      for (const name of there) if (name !== 'Ben') expect(rooms.names(`${name} of ${board}`)).toEqual(there)
      await rooms.pass(longSeconds)
      expectTruth(
        board,
        there.filter((name) => name !== 'Ben'),
      )
    },
  )

  it.each(Array.from({ length: mostCalls.publish }, (_, n) => n))(
    'publish dies after call %i while it reads the room',
    async (calls) => {
      const board = `read until ${calls}`
      const enter = (name: string) => rooms.enter(`${name} of ${board}`, { board, name })
      await enter('Ann')
      await rooms.pass(5, { dying: [calls] })
      await enter('Ben')
      await rooms.pass(5, { dying: [calls, calls] })
      await rooms.leave(`Ann of ${board}`)
      await enter('Cem')
      await rooms.pass(200, { dying: [calls, calls] })
      expectTruth(board, ['Ben', 'Cem'])
    },
  )

  it.each(Array.from({ length: mostCalls.publish + 1 }, (_, n) => n - 1))(
    'publish dies after call %i while it reads the room and posts its state, and this within 2 s',
    async (calls) => {
      const board = `soon after ${calls}`
      const enter = (name: string) => rooms.enter(`${name} of ${board}`, { board, name })
      await enter('Ann')
      await rooms.pass(2)
      await enter('Ben')
      await rooms.pass(2, { dying: [calls] })
      expectTruth(board, ['Ann', 'Ben'])
    },
  )

  it.each(Array.from({ length: mostCalls.publish + 1 }, (_, n) => n - 1))(
    'publish dies after call %i while it reads a room that changes too often for the first message, and this within 3 s',
    async (calls) => {
      const board = `often until ${calls}`
      await rooms.enterOften(board, ['Ann', 'Ben', 'Cem', 'Dan'])
      await rooms.enter(`Eva of ${board}`, { board, name: 'Eva' })
      await rooms.pass(1.9)
      expect(rooms.names(`Ann of ${board}`)).toEqual(['Ann', 'Ben', 'Cem', 'Dan'])
      await rooms.pass(1.1, { dying: [calls] })
      expectTruth(board, ['Ann', 'Ben', 'Cem', 'Dan', 'Eva'])
    },
  )

  it.each(Array.from({ length: mostCalls.publish }, (_, n) => n))(
    'publish dies after call %i while it checks an idle room',
    async (calls) => {
      const board = `checked until ${calls}`
      const enter = (name: string) => rooms.enter(`${name} of ${board}`, { board, name })
      await enter('Ann')
      await enter('Ben')
      await rooms.pass(5)
      await rooms.pass(longSeconds, { dying: [calls] })
      rooms.vanish(`Ben of ${board}`)
      await rooms.pass(longSeconds)
      expectTruth(board, ['Ann'])
    },
  )

  it('SQS delivers every message twice, and $disconnect is lost', async () => {
    const board = 'twice'
    const enter = (name: string) => rooms.enter(`${name} of ${board}`, { board, name })
    for (const name of ['Ann', 'Ben', 'Cem', 'Dan']) {
      await enter(name)
      await rooms.pass(1, { twice: true })
    }
    await rooms.leave(`Ben of ${board}`)
    await rooms.leave(`Ben of ${board}`)
    await rooms.pass(3, { twice: true })
    rooms.vanish(`Cem of ${board}`)
    await rooms.pass(longSeconds, { twice: true })
    expectTruth(board, ['Ann', 'Dan'])
  })
})
