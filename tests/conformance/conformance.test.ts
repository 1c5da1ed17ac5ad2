import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { chatTopic } from '../../schema/topics'
import { type Service, startService } from '../support/service'
import { type ConformanceCase, currentCases, legacyCases } from './cases'
import { type ReferenceServer, startCurrentReference, startLegacyReference } from './reference-servers'
import { storedListeners } from './service-player'
import { play, type Transcript } from './transcript'

jest.setTimeout(60_000)

/** Both answer a message of an unknown type, and a ping, whatever else is going on. */
const legacyFence = { id: 'fence', type: 'fence' }
const currentFence = { type: 'ping', payload: { fence: true } }

let service: Service
let stored: ReturnType<typeof storedListeners>
let legacyReference: ReferenceServer
let currentReference: ReferenceServer

beforeAll(async () => {
  service = await startService()
  stored = storedListeners(service)
  legacyReference = await startLegacyReference()
  currentReference = await startCurrentReference()
})

afterAll(async () => {
  stored.close()
  await Promise.all([service.stop(), legacyReference.stop(), currentReference.stop()])
})

describe('a client of subscriptions-transport-ws sees the same as from its own server', () => {
  it.each(legacyCases)('$id: $requirement', async (conformanceCase) => {
    const expected = await playReference(conformanceCase, legacyReference, 'graphql-ws', legacyFence)
    expect(await playService(conformanceCase, ['graphql-ws'], legacyFence)).toEqual(expected)
  })
})

describe('a client of graphql-ws sees the same as from its own server', () => {
  it.each(currentCases)('$id: $requirement', async (conformanceCase) => {
    const expected = await playReference(conformanceCase, currentReference, 'graphql-transport-ws', currentFence)
    expect(await playService(conformanceCase, ['graphql-transport-ws'], currentFence)).toEqual(expected)
  })
})

function playReference(
  { id: room, steps }: ConformanceCase,
  { url, listeners }: ReferenceServer,
  subprotocol: string,
  fence: unknown,
): Promise<Transcript> {
  const count = (room: string) => Promise.resolve(listeners(chatTopic(room, 'fr')))
  return play({ room, steps, fence }, { url, subprotocols: [subprotocol], listeners: count })
}

function playService(
  { id: room, steps }: ConformanceCase,
  subprotocols: readonly string[],
  fence: unknown,
): Promise<Transcript> {
  return play({ room, steps, fence }, { url: service.webSocketUrl, subprotocols, listeners: stored.count })
}
