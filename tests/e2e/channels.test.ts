import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import { channelTopic } from '../../lib/channels/topic'
import { sharedService } from '../support/shared-service'
import { readStoredSubscriptions } from '../support/stored-subscriptions'
import { until } from '../support/until'
import { type RealClient, realClients } from './real-clients'

/** Channels with and without a log, driven by the library of each dialect. */
const service = sharedService('fixture')
const stored = readStoredSubscriptions(service)
const clients: RealClient[] = []

afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})
afterAll(() => {
  stored.close()
})

const libraries = ['subscriptions-transport-ws with no sub-protocol', 'graphql-ws, lazy'] as const

function connect(library: string, params: Readonly<Record<string, unknown>>): RealClient {
  const client = realClients[library]?.(service.webSocketUrl, params)
  if (!client) throw new Error(`There is no ${library}.`)
  clients.push(client)
  return client
}

/** Subscribes. @returns a function that resolves with the field's next value, and rejects after `patienceMs` */
function listen(client: RealClient, field: string): () => Promise<unknown> {
  const heard: unknown[] = []
  client.subscribe(`subscription { is: ${field} }`, (data) => heard.push((data as { is: unknown }).is))
  return async () => {
    await until(
      () => Promise.resolve(heard.length),
      (count) => count > 0,
    )
    return heard.shift()
  }
}

/** Resolves with the connections that listen to a key, once there are `count` of them and none of `others`. */
function listeners(
  channel: string,
  key: string,
  count = 1,
  others: readonly string[] = [],
): Promise<readonly string[]> {
  return until(
    () => stored.connectionsTo(channelTopic(channel, key)),
    (found) => found.length === count && !found.some((connection) => others.includes(connection)),
  )
}

describe.each(libraries)('%s', (library) => {
  it('receives events of a channel without a log, and after a reconnect only new ones', async () => {
    const board = `drafts of ${library}`
    const client = connect(library, { clientId: board })
    const next = listen(client, `draft(board: "${board}")`)
    const say = (text: string) => client.run(`mutation { draft(board: "${board}", text: "${text}") }`)
    const before = await listeners('draft', board)
    await say('H')
    expect(await next()).toBe('H')
    await say('He')
    expect(await next()).toBe('He')
    client.reconnect()
    await listeners('draft', board, 1, before)
    await say('Hel')
    expect(await next()).toBe('Hel')
  })

  it('receives the initial state, then events, and no second state after a reconnect', async () => {
    const board = `notes of ${library}`
    const client = connect(library, { clientId: board })
    // Another client, because a library repeats a mutation that was under way when its connection ended.
    const other = connect(library, {})
    const post = async (text: string) =>
      ((await other.run(`mutation { post(board: "${board}", text: "${text}") }`)) as { post: string }).post
    const stays = listen(client, `text(board: "${board}")`)
    await listeners('board', board)
    const ids = [await post('one')]
    expect(await stays()).toBe('one')

    const next = listen(client, `latest(board: "${board}") { id sequence text }`)
    const state = await next()
    expect(state).toEqual({ id: expect.any(String), sequence: 1, text: 'one' })
    await listeners('board', board, 2)
    ids.push(await post('two'))
    expect(await next()).toEqual({ id: ids[1], sequence: 2, text: 'two' })

    client.reconnect()
    ids.push(await post('three'))
    // Events that were published shortly before the end (`seamMs`) are repeated.
    for (let sequence = 0; sequence < 3;) {
      const event = (await next()) as { readonly id: string; readonly sequence: number }
      expect(ids).toContain(event.id)
      sequence = event.sequence
    }
  })

  it('is the user of its token and receives the events of this user', async () => {
    const user = library.slice(0, 5)
    const authToken = await tokenOf(`sub=${user}&groups=staff,cooks`)
    const client = connect(library, { authToken })
    expect(await client.run('{ me }')).toEqual({ me: `${user} of staff of cooks` })
    const next = listen(client, 'mine { text }')
    await listeners('person', user)
    await client.run(`mutation { write(to: "${user}", text: "For you") }`)
    expect(await next()).toEqual({ text: 'For you' })
  })

  it.each([
    ['one group as a string', 'sub=ann&cognito:groups=staff', 'ann of staff'],
    ['no groups', 'sub=ann', 'ann'],
    ['an empty list of groups', 'sub=ann&groups=', 'ann'],
  ])('is the user of a token with %s', async (_what, query, me) => {
    expect(await connect(library, { authToken: await tokenOf(query) }).run('{ me }')).toEqual({ me })
  })

  it('has no user without a token', async () => {
    expect(await connect(library, {}).run('{ me }')).toEqual({ me: null })
  })
})

async function tokenOf(query: string): Promise<string> {
  return (await fetch(`${String(service.tokenUrl)}?${query}`)).text()
}
