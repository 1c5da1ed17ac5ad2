import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { api } from '../fixture/api'
import { type ServedApi, serveApi } from '../support/served-api'
import { until } from '../support/until'

/** Drafts have no log: an event that a client misses is never replayed, and a replay costs nothing. */
let served: ServedApi
let tests = 0
let board: string
let connectionId: string

beforeAll(async () => {
  served = await serveApi(api)
})
afterAll(() => served.close())

beforeEach(() => {
  board = `b${++tests}`
  connectionId = `connection ${tests}`
})
afterEach(() => {
  expect(served.failures).toEqual([])
})

const draft = (data: string) => served.publish({ channel: 'draft', keys: board, data })

async function connect(connection: string, clientId = connectionId) {
  await served.connect(connection, 'graphql-transport-ws')
  await served.say(connection, { type: 'connection_init', payload: { clientId } })
}

async function subscribe(connection: string) {
  await connect(connection)
  await listen(connection, '1', `draft(board: "${board}")`)
}

async function listen(connection: string, id: string, field: string) {
  await served.say(connection, { id, type: 'subscribe', payload: { query: `subscription { is: ${field} }` } })
}

const heard = (connection: string) =>
  served.posted(connection).map((frame) => (frame as { payload: { data: { is: unknown } } }).payload.data.is)

it('an event costs one index query, and one read per operation that is not cached', async () => {
  await subscribe(connectionId)
  await subscribe(`${connectionId} too`)
  const costs: (readonly string[])[] = []
  for (const data of ['H', 'He', 'Hel']) {
    served.calls.length = 0
    await draft(data)
    costs.push([...served.calls])
  }
  const index = 'dynamodb:Query on clients/index/topic'
  expect(costs).toEqual([[index, 'dynamodb:GetItem on clients'], [index], [index]])
  for (const connection of [connectionId, `${connectionId} too`]) expect(heard(connection)).toEqual(['H', 'He', 'Hel'])
})

it('an event without subscribers costs one index query', async () => {
  await draft('Hello')
  served.calls.length = 0
  await draft('Hello')
  expect(served.calls).toEqual(['dynamodb:Query on clients/index/topic'])
})

it('a subscription does not look for missed events', async () => {
  await connect(connectionId)
  served.calls.length = 0
  await listen(connectionId, '1', `draft(board: "${board}")`)
  expect(served.calls).toEqual(['dynamodb:Query on clients', 'dynamodb:PutItem on clients'])
})

it('the end of a connection costs no more calls with a subscription than without one', async () => {
  const other = `${connectionId} without`
  await connect(other, other)
  await subscribe(connectionId)
  const ends: (readonly string[])[] = []
  for (const connection of [other, connectionId]) {
    served.calls.length = 0
    await served.disconnect(connection)
    ends.push([...served.calls])
  }
  const [without, ending] = ends
  expect(ending).toEqual(without)
})

it('a client that reconnects receives later events at once, and none that it missed', async () => {
  await subscribe(connectionId)
  await draft('before')
  await served.disconnect(connectionId)
  await draft('meanwhile')
  const again = `${connectionId} again`
  served.calls.length = 0
  await subscribe(again)
  // The subscription was not held: no replay was requested, and the next event finds it.
  expect(served.calls.filter((call) => call.startsWith('sns:'))).toEqual([])
  await draft('then')
  expect(heard(connectionId)).toEqual(['before'])
  expect(heard(again)).toEqual(['then'])
})

it('an event is delivered once even if its SNS message arrives twice', async () => {
  await subscribe(connectionId)
  for (let time = 0; time < 2; time++) {
    const Message = JSON.stringify({ channel: 'draft', keys: board, data: 'once' })
    await served.publish({ Records: [{ Sns: { MessageId: `of ${board}`, Message } }] })
  }
  expect(heard(connectionId)).toEqual(['once'])
})

it('a client that reconnects receives missed events only of channels with a log', async () => {
  await subscribe(connectionId)
  await listen(connectionId, '2', `text(board: "${board}")`)
  await served.disconnect(connectionId)
  await draft('missed')
  await served.publish({ channel: 'board', keys: board, data: { text: 'logged' } })
  const again = `${connectionId} again`
  await subscribe(again)
  await listen(again, '2', `text(board: "${board}")`)
  await until(
    () => Promise.resolve(heard(again)),
    ({ length }) => length > 0,
  )
  await draft('then')
  expect(heard(again)).toEqual(['logged', 'then'])
})
