import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { channel, defineApi, presence } from '../../lib'
import { api } from '../fixture/api'
import { until } from '../support/until'
import { type ServedApi, serveApi } from '../support/served-api'

let served: ServedApi
let board: string
let boards = 0

beforeAll(async () => {
  served = await serveApi(api)
})
afterAll(() => served.close())
beforeEach(() => {
  board = `room ${++boards}`
})

const id = (name: string) => `${name} in ${board}`
const fields = '{ count members { name } joined left }'

const countOf = (frame: unknown) => (frame as { data: { guests: { count: number } } }).data.guests.count

async function enter(name: string, query = `guests(board: "${board}", name: "${name}") ${fields}`) {
  await served.connect(id(name))
  return served.say(id(name), { query: `subscription { ${query} }` })
}

describe('An API with a presence channel', () => {
  // The first one, so that no message of another test arrives meanwhile.
  it('announces each change to SQS before it happens, to be read 1 s later, or 2 s', async () => {
    const query = `subscription { guests(board: "${board}", name: "Ann") ${fields} }`
    // Each call once: where a change takes long, it is announced twice.
    const callsOf = async (work: () => Promise<unknown>) => {
      served.calls.length = 0
      await work()
      return [...new Set(served.calls)]
    }
    await served.connect(id('Ann'), 'graphql-ws')
    await served.say(id('Ann'), { type: 'connection_init' })
    let release = served.holdRoomChanges() // on a busy machine, a message can fall due before its change is made
    const start = () => served.say(id('Ann'), { type: 'start', id: '1', payload: { query } })
    expect(await callsOf(start)).toEqual([
      'dynamodb:Query on clients', // as for every subscription
      'sqs:SendMessage on room-changes after 1 s',
      'sqs:SendMessage on room-changes after 2 s', // for the case that the function that receives the first dies
      'dynamodb:PutItem on clients',
      'dynamodb:Query on clients/index/topic', // which shows the entry
      'dynamodb:GetItem on clients', // the state
    ])
    const isRead = async () => {
      release()
      await until(
        () => Promise.resolve(served.calls.filter((call) => call === 'dynamodb:UpdateItem on clients').length),
        (count) => count >= 2, // the turn is completed
      )
      release = served.holdRoomChanges()
      await served.untilAtRest()
    }
    expect((await callsOf(isRead)).toSorted()).toEqual([
      'dynamodb:GetItem on clients', // whose turn it is, the last state, and what members have asked for
      'dynamodb:PutItem on clients', // the new state
      'dynamodb:Query on clients/index/topic', // who is there, and whom to send it
      'dynamodb:UpdateItem on clients', // takes the turn, and completes it
      'sqs:SendMessage on room-changes after 900 s', // for the check
    ])
    expect(await callsOf(() => served.say(id('Ann'), { type: 'stop', id: '1' }))).toEqual([
      'dynamodb:GetItem on clients', // whether it is a membership
      'sqs:SendMessage on room-changes after 1 s',
      'sqs:SendMessage on room-changes after 2 s',
      'dynamodb:DeleteItem on clients',
    ])
    await start()
    expect(await callsOf(() => served.disconnect(id('Ann')))).toEqual([
      'dynamodb:Query on clients',
      'sqs:SendMessage on room-changes after 11 s',
      'sqs:SendMessage on room-changes after 12 s',
      'dynamodb:PutItem on clients', // the entry without its operation
      'dynamodb:BatchWriteItem on clients', // deletes the client
    ])
    release()
  })

  it('answers with the present state, and sends each change to every member', async () => {
    const first = { data: { guests: { count: 0, members: [], joined: [], left: [] } } }
    expect(await enter('Ann')).toEqual(first)
    // Where a change takes long, a state may be sent twice.
    const firstOf = (name: string, count: number) =>
      until(
        () => Promise.resolve(served.posted(id(name)).find((frame) => countOf(frame) === count)),
        (frame) => frame !== undefined,
      )
    expect(await firstOf('Ann', 1)).toMatchObject({ data: { guests: { count: 1, members: [{ name: 'Ann' }] } } })
    expect(await enter('Ben')).toMatchObject({ data: { guests: { count: 1, members: [{ name: 'Ann' }] } } })
    const second = await firstOf('Ann', 2)
    expect(await firstOf('Ben', 2)).toEqual(second)
    expect(second).toMatchObject({ data: { guests: { count: 2, left: [] } } })
    expect(await served.run(`{ guests(board: "${board}", first: 1) ${fields} }`)).toMatchObject({
      data: { guests: { count: 2, members: [{}] } },
    })
  })

  it('refuses a member of more than 256 bytes', async () => {
    expect(await enter('x'.repeat(300))).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('at most 256 bytes as JSON, got 311'),
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    })
  })

  it('refuses a query for 0 members', async () => {
    expect(await served.run(`{ guests(board: "${board}", first: 0) ${fields} }`)).toMatchObject({
      errors: [{ message: expect.stringContaining('from 1 to 1000, got 0') }],
    })
  })
})

it('defineApi refuses a presence channel with the name of another channel', () => {
  const field = channel<string>('guests', { log: false }).field({ subscribe: () => 'here' })
  const room = presence('guests').field({ subscribe: () => ({ keys: 'here' }) })
  const typeDefs = 'type Query { a: String } type Subscription { field: String room: String }'
  const define = () => defineApi({ typeDefs, context: () => ({}), resolvers: { Subscription: { field, room } } })
  expect(define).toThrow('Expected channel names to be unique, got two channels named "guests".')
})
