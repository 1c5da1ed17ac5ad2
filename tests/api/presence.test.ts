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

async function enter(name: string, query = `guests(board: "${board}", name: "${name}") ${fields}`) {
  await served.connect(id(name))
  return served.say(id(name), { query: `subscription { ${query} }` })
}

describe('over the functions', () => {
  it('answers with who is there, and sends each state to everyone within three seconds', async () => {
    const first = { data: { guests: { count: 0, members: [], joined: [], left: [] } } }
    expect(await enter('Ann')).toEqual(first)
    const joinedAtMs = Date.now()
    expect(await served.frames(id('Ann'), 1)).toMatchObject([
      { data: { guests: { count: 1, members: [{ name: 'Ann' }] } } },
    ])
    expect(Date.now() - joinedAtMs).toBeLessThan(30_000)
    expect(await enter('Ben')).toMatchObject({ data: { guests: { count: 1, members: [{ name: 'Ann' }] } } })
    const [, second] = await served.frames(id('Ann'), 2)
    expect(await served.frames(id('Ben'), 1)).toEqual([second])
    expect(second).toMatchObject({ data: { guests: { count: 2, left: [] } } })
    expect(await served.run(`{ guests(board: "${board}", first: 1) ${fields} }`)).toMatchObject({
      data: { guests: { count: 2, members: [{}] } },
    })
  })

  it('refuses a member that is too long, or that the schema of its channel rejects', async () => {
    expect(await enter('x'.repeat(300))).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('at most 256 bytes as JSON, got 311'),
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    })
  })

  it('refuses a query for no members', async () => {
    expect(await served.run(`{ guests(board: "${board}", first: 0) ${fields} }`)).toMatchObject({
      errors: [{ message: expect.stringContaining('from 1 to 1000, got 0') }],
    })
  })

  it('makes these calls', async () => {
    await served.connect(id('Ann'))
    served.calls.length = 0
    await served.say(id('Ann'), { query: `subscription { guests(board: "${board}", name: "Ann") ${fields} }` })
    expect(served.calls).toEqual([
      'dynamodb:Query on clients', // as for every subscription
      'sqs:SendMessage on room-changes',
      'dynamodb:PutItem on clients',
      'dynamodb:Query on clients/index/topic', // which shows the entry
      'dynamodb:GetItem on clients', // the state
    ])
    served.calls.length = 0
    await served.frames(id('Ann'), 1)
    await until(
      () => Promise.resolve(served.calls.length),
      (count) => count >= 10,
    )
    expect(served.calls.toSorted()).toEqual([
      'dynamodb:GetItem on clients', // whose turn it is
      'dynamodb:GetItem on clients', // the state
      'dynamodb:GetItem on clients', // what its members have asked for
      'dynamodb:PutItem on clients', // the new state
      'dynamodb:Query on clients/index/topic', // who is there
      'dynamodb:Query on clients/index/topic', // whom to send it
      'dynamodb:UpdateItem on clients', // takes the turn
      'dynamodb:UpdateItem on clients', // has done it
      'sns:Publish on leftovers',
      'sqs:SendMessage on room-changes', // for the check
    ])
  })
})

it('cannot be declared under the name of another channel', () => {
  const field = channel<string>('guests', { log: false }).field({ subscribe: () => 'here' })
  const room = presence('guests').field({ subscribe: () => ({ keys: 'here' }) })
  const typeDefs = 'type Query { a: String } type Subscription { field: String room: String }'
  const define = () => defineApi({ typeDefs, context: () => ({}), resolvers: { Subscription: { field, room } } })
  expect(define).toThrow('Expected channel names to be unique, got two channels named "guests".')
})
