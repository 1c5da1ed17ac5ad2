import { EventEmitter, on } from 'node:events'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { channelTopic } from '../../lib/channels/topic'
import { sharedService } from '../support/shared-service'
import { readStoredSubscriptions, type StoredSubscriptions } from '../support/stored-subscriptions'
import { until } from '../support/until'
import { realClients } from './real-clients'

const service = sharedService('fixture')
let stored: StoredSubscriptions

beforeAll(() => {
  stored = readStoredSubscriptions(service)
})

afterAll(() => {
  stored.close()
})

it.each(Object.entries(realClients))(
  '%s runs operations and receives events, also after its connection was cut',
  async (name, connect) => {
    const board = `clients: ${name}`
    const listeners = () => stored.connectionsTo(channelTopic('board', board))
    const client = connect(service.webSocketUrl)
    const heard = new EventEmitter()
    const events = on(heard, 'data')
    const nextEvent = async (): Promise<unknown> => ((await events.next()).value as unknown[])[0]
    const oneConnection = () => until(listeners, ({ length }) => length === 1)
    const say = (text: string) => client.run(`mutation { post(board: "${board}", text: "${text}") }`)

    expect(await client.run('{ hello }')).toEqual({ hello: 'Hello' })

    client.subscribe(`subscription { notes(board: "${board}") { text } }`, (data) => heard.emit('data', data))
    const [connectionId] = await oneConnection()
    expect(await say('Good morning')).toMatchObject({ post: expect.any(String) })
    expect(await nextEvent()).toMatchObject({ notes: { text: 'Good morning' } })

    await cut(connectionId)
    await until(listeners, (connections) => connections.length === 1 && connections[0] !== connectionId)
    await say('Good night')
    expect(await nextEvent()).toMatchObject({ notes: { text: 'Good night' } })

    client.close()
    await until(listeners, ({ length }) => length === 0)
  },
)

/** Closes a connection through @connections, as a server does. */
async function cut(connectionId = ''): Promise<void> {
  const connections = service.webSocketUrl.replace('ws:', 'http:')
  const { ok } = await fetch(`${connections}/@connections/${encodeURIComponent(connectionId)}`, { method: 'DELETE' })
  expect(ok).toBe(true)
}
