import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { api } from '../fixture/api'
import { type Frame, type ServedApi, serveApi } from '../support/served-api'
import { until } from '../support/until'

let served: ServedApi
let laterMs = 0
let tests = 0
let board: string

beforeAll(async () => {
  const realNow = Date.now
  jest.spyOn(Date, 'now').mockImplementation(() => realNow() + laterMs)
  served = await serveApi(api)
})
afterAll(() => served.close())

beforeEach(() => {
  board = `board ${++tests}`
})

const pass = (minutes: number) => {
  laterMs += minutes * 60_000
}

async function publish(...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    expect(await served.publish({ channel: 'board', keys: board, data: { text } })).toEqual({ refused: [] })
  }
}

interface Asking {
  readonly resume?: unknown
  readonly clientId?: string
  readonly field?: string
  readonly protocol?: 'graphql-ws' | 'graphql-transport-ws'
  readonly id?: string
}

/** Connects and subscribes. @returns the response to the operation */
async function subscribe(connectionId: string, asking: Asking = {}): Promise<Frame | undefined> {
  const { resume, clientId = board, field = 'notes', protocol = 'graphql-ws', id = '1' } = asking
  await served.connect(connectionId, protocol)
  await served.say(connectionId, { type: 'connection_init', payload: { clientId } })
  const query = `subscription { ${field}(board: "${board}") ${field === 'draft' ? '' : '{ text }'} }`
  const type = protocol === 'graphql-ws' ? 'start' : 'subscribe'
  return served.say(connectionId, {
    id,
    type,
    payload: { query, ...(resume !== undefined && { extensions: { resume } }) },
  })
}

interface Payload {
  readonly data: { readonly notes: { readonly text: string } } | null
  readonly extensions?: { readonly cursor?: string; readonly resume?: string }
}

const allOf = (connectionId: string) => served.posted(connectionId).map(({ payload }) => payload as Payload)
/** Resolves with the payloads received, except notices of a replay, once there are at least `count`. */
const payloadsOf = (connectionId: string, count: number) =>
  until(
    () => Promise.resolve(allOf(connectionId).filter(({ extensions }) => !extensions?.resume)),
    ({ length }) => length >= count,
  )
const textsOf = async (connectionId: string, count: number) =>
  (await payloadsOf(connectionId, count)).map(({ data }) => data?.notes.text)
/** Resolves with the notices of a replay, once one of them is `complete`. */
const noticesOf = async (connectionId: string) => {
  const notices = () => allOf(connectionId).flatMap(({ extensions }) => extensions?.resume ?? [])
  return until(
    () => Promise.resolve(notices()),
    (found) => found.includes('complete'),
  )
}

describe('a subscription that requests cursors', () => {
  it('receives the cursor of each event, and a subscription without the request receives none', async () => {
    const of = (name: string) => `${name} of ${board}`
    const current = { protocol: 'graphql-transport-ws', resume: {} } as const
    await subscribe(of('asks'), { resume: {}, clientId: '1' })
    await subscribe(of('asks, too'), { resume: {}, clientId: '2', id: 'other' })
    await subscribe(of('asks in the current protocol'), { ...current, clientId: '3' })
    await subscribe(of('does not ask'), { clientId: '4' })
    await publish('one')
    const bodyOf = async (name: string) => {
      await served.frames(of(name), 1)
      return served.gateway.posts.find(({ connectionId }) => connectionId === of(name))?.body ?? ''
    }
    const data = '"data":{"notes":{"text":"one"}}'
    expect(await bodyOf('does not ask')).toBe(`{"type":"data","payload":{${data}},"id":"1"}`)
    const body = await bodyOf('asks')
    const [, cursor = ''] = /"cursor":"([^"]+)"/.exec(body) ?? []
    const payload = `{${data},"extensions":{"cursor":"${cursor}"}}`
    expect(cursor).toMatch(/^1:\d+$/)
    expect(body).toBe(`{"type":"data","payload":${payload},"id":"1"}`)
    expect(await bodyOf('asks, too')).toBe(body.replace('"id":"1"', '"id":"other"'))
    expect(await bodyOf('asks in the current protocol')).toBe(`{"type":"next","payload":${payload},"id":"1"}`)
  })

  it('receives none on a channel without a log', async () => {
    const connectionId = `draft of ${board}`
    await subscribe(connectionId, { resume: {}, field: 'draft' })
    await served.publish({ channel: 'draft', keys: board, data: 'hello' })
    expect((await served.frames(connectionId, 1))[0]).toEqual({
      type: 'data',
      id: '1',
      payload: { data: { draft: 'hello' } },
    })
  })

  it('is refused with an explanation if its cursor is invalid', async () => {
    const frame = await subscribe(`wrong ${board}`, { resume: { after: 'yesterday' } })
    expect(JSON.stringify(frame)).toContain('Expected \\"extensions.resume\\" to be an object, with or without')
  })
})

describe('a subscription that resumes with a cursor', () => {
  it('receives the events from its cursor on, even if they are minutes old', async () => {
    const [first, second] = [`first of ${board}`, `second of ${board}`]
    await subscribe(first, { resume: {} })
    await publish('one')
    pass(5)
    await publish('two')
    pass(1)
    await publish('three')
    const cursors = (await payloadsOf(first, 3)).map(({ extensions }) => extensions?.cursor)
    await served.disconnect(first)
    await publish('four')

    await subscribe(second, { resume: { after: cursors[1] } })
    await publish('five')
    const payloads = await payloadsOf(second, 4)
    expect(payloads.map(({ data }) => data?.notes.text)).toEqual(['two', 'three', 'four', 'five'])
    expect(payloads.map(({ extensions }) => extensions?.cursor).slice(0, 2)).toEqual(cursors.slice(1))
    expect(await noticesOf(second)).toEqual(['complete'])
  })

  it('receives no event from before it subscribed, even if its cursor is earlier', async () => {
    await publish('before')
    pass(10)
    const [first, second] = [`first of ${board}`, `second of ${board}`]
    await subscribe(first, { resume: {} })
    await served.disconnect(first)
    await subscribe(second, { resume: { after: '0:0' } })
    await publish('since')
    expect(await textsOf(second, 1)).toEqual(['since'])
  })

  it('first receives one "incomplete" notice if the events after its cursor have expired', async () => {
    const [first, second, third] = [`first of ${board}`, `second of ${board}`, `third of ${board}`]
    await subscribe(first, { resume: {} })
    await publish('one', 'two')
    const [payload] = await payloadsOf(first, 2)
    const after = payload?.extensions?.cursor
    await served.disconnect(first)
    pass(25 * 60)
    await publish('three')
    await subscribe(second, { resume: { after } })
    expect(await noticesOf(second)).toEqual(['incomplete', 'complete'])
    expect(allOf(second)[0]).toEqual({ data: null, extensions: { resume: 'incomplete' } })
    await publish('four')
    const [four] = await payloadsOf(second, 1)
    expect(four).toMatchObject({ data: { notes: { text: 'four' } } })

    await served.disconnect(second)
    await subscribe(third, { resume: { after: four?.extensions?.cursor } })
    expect(await noticesOf(third)).toEqual(['complete'])
  })

  it('receives the initial state of its field instead of expired events after its cursor', async () => {
    const [first, second] = [`first of ${board}`, `second of ${board}`]
    await subscribe(first, { resume: {}, field: 'latest' })
    await served.frames(first, 1)
    await publish('one')
    const [, payload] = await payloadsOf(first, 2)
    await served.disconnect(first)
    pass(25 * 60)
    await subscribe(second, { resume: { after: payload?.extensions?.cursor }, field: 'latest' })
    expect((await served.frames(second, 1))[0]).toMatchObject({ payload: { data: { latest: { text: '' } } } })
  })
})

describe('a client that resumes', () => {
  const wrong = { clientId: '', resume: true }

  it.each([undefined, 'graphql-ws', 'graphql-transport-ws'])(
    'receives the reason of a refused connection_init in every sub-protocol: %s',
    async (protocol) => {
      const connectionId = `refused ${protocol ?? ''}`
      await served.connect(connectionId, protocol)
      expect(await served.say(connectionId, { type: 'connection_init', payload: wrong })).toBeUndefined()
      const posts = served.gateway.posts.filter((post) => post.connectionId === connectionId)
      expect(posts.map(({ method }) => method)).toEqual(['POST', 'DELETE'])
      expect(posts[0]?.body).toContain('{"type":"4403: \\"clientId\\" of the connection parameters must be a string')
    },
  )

  // An error would end the subscription that the client is about to resume.
  it('receives no error for an operation on an unknown connection, which is closed', async () => {
    const payload = { query: 'subscription { notes(board: "a") { text } }', extensions: { resume: {} } }
    expect(await served.say('long gone', { id: '1', type: 'start', payload })).toBeUndefined()
    expect(served.gateway.posts.filter(({ connectionId }) => connectionId === 'long gone')).toMatchObject([
      { method: 'DELETE' },
    ])
  })
})
