import { EventEmitter, on } from 'node:events'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { sharedService } from '../support/shared-service'
import { readStoredSubscriptions, type StoredSubscriptions } from '../support/stored-subscriptions'
import { until } from '../support/until'
import { realClients } from './real-clients'

const service = sharedService()
let stored: StoredSubscriptions

beforeAll(() => {
  stored = readStoredSubscriptions(service)
})

afterAll(() => {
  stored.close()
})

it.each(Object.entries(realClients))(
  '%s queries, mutates, hears translations, and hears them again when its connection was cut',
  async (name, connect) => {
    const room = name
    const client = connect(service.webSocketUrl)
    const heard = new EventEmitter()
    const events = on(heard, 'data')
    const nextEvent = async (): Promise<unknown> => ((await events.next()).value as unknown[])[0]
    const oneConnection = () =>
      until(
        () => stored.connectionsIn(room),
        ({ length }) => length === 1,
      )
    const say = (message: string) =>
      client.run(`mutation { putEvent(message: "${message}", chatId: "${room}") { FailedEntries } }`)

    expect(await client.run('{ getEvent }')).toEqual({ getEvent: 'Hello from Apollo!' })

    client.subscribe(`subscription { messages(chatId: "${room}", languages: ["fr"]) { text } }`, (data) =>
      heard.emit('data', data),
    )
    const [connectionId] = await oneConnection()
    expect(await say('Good morning')).toMatchObject({ putEvent: { FailedEntries: 0 } })
    expect(await nextEvent()).toMatchObject({ messages: { text: 'Bonjour' } })

    await cut(connectionId)
    await until(
      () => stored.connectionsIn(room),
      (connections) => connections.length === 1 && connections[0] !== connectionId,
    )
    await say('Good night')
    expect(await nextEvent()).toMatchObject({ messages: { text: 'Bonne nuit' } })

    client.close()
    await until(
      () => stored.connectionsIn(room),
      ({ length }) => length === 0,
    )
  },
)

/** Ends a connection as a server would: through @connections. */
async function cut(connectionId = ''): Promise<void> {
  const connections = service.webSocketUrl.replace('ws:', 'http:')
  const { ok } = await fetch(`${connections}/@connections/${encodeURIComponent(connectionId)}`, { method: 'DELETE' })
  expect(ok).toBe(true)
}
