import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { channelTopic, taggedTopic, type Topic } from '../../lib/channels/topic'
import { openFrameSocket } from '../support/frame-socket'
import { postGraphql } from '../support/post-graphql'
import { sharedService } from '../support/shared-service'
import { readStoredSubscriptions, type StoredSubscriptions } from '../support/stored-subscriptions'
import { until } from '../support/until'
import { type ConformanceCase, currentCases, taggedOn, hello, legacyCases, postTo } from './cases'
import { type Answered, deviations } from './deviations'
import { type HostileInput, hostileToCurrent, hostileToLegacy, hostileToRaw } from './hostile'
import { type ReferenceServer, startCurrentReference, startLegacyReference } from './reference-servers'
import { play, type Transcript } from './transcript'

/** Servers answer these messages in any state: an unknown type in the legacy protocol, a ping in the current one. */
const legacyFence = { id: 'fence', type: 'fence' }
const currentFence = { type: 'ping', payload: { fence: true } }

const ack = { type: 'connection_ack' }

const service = sharedService('fixture')
let stored: StoredSubscriptions
let legacyReference: ReferenceServer
let currentReference: ReferenceServer

beforeAll(async () => {
  stored = readStoredSubscriptions(service)
  legacyReference = await startLegacyReference()
  currentReference = await startCurrentReference()
})

afterAll(async () => {
  stored.close()
  await Promise.all([legacyReference.stop(), currentReference.stop()])
})

describe('a client of subscriptions-transport-ws gets the same frames as from the reference server', () => {
  it.each(legacyCases)('$id: $requirement', async (conformanceCase) => {
    const expected = await playReference(conformanceCase, legacyReference, 'graphql-ws', legacyFence)
    expect(await playService(conformanceCase, ['graphql-ws'], legacyFence)).toEqual(expected)
  })
})

describe('a client of graphql-ws gets the same frames as from the reference server', () => {
  it.each(currentCases)('$id: $requirement', async (conformanceCase) => {
    const expected = await playReference(conformanceCase, currentReference, 'graphql-transport-ws', currentFence)
    expect(await playService(conformanceCase, ['graphql-transport-ws'], currentFence)).toEqual(expected)
  })
})

describe('a client of subscriptions-transport-ws without a sub-protocol gets the same frames', () => {
  it.each(legacyCases)('$id: $requirement', async ({ id, requirement, steps }) => {
    const expected = await playReference({ id, requirement, steps }, legacyReference, 'graphql-ws', legacyFence)
    // A board of its own, because both runs use the same service.
    const board = `${id}-without`
    const onBoard = JSON.parse(JSON.stringify(steps).replaceAll(id, board)) as ConformanceCase['steps']
    expect(await playService({ id: board, requirement, steps: onBoard }, [], legacyFence)).toEqual(expected)
  })
})

describe('deviations from the reference servers', () => {
  // graphql-ws prints there why it ends a connection.
  beforeAll(() => {
    jest.spyOn(console, 'error').mockImplementation(() => undefined)
  })
  afterAll(() => {
    jest.restoreAllMocks()
  })

  it.each(deviations)('$id: $behaviour', async ({ dialect, send, reference, ours }) => {
    const subprotocol = dialect === 'legacy' ? 'graphql-ws' : 'graphql-transport-ws'
    const { url } = dialect === 'legacy' ? legacyReference : currentReference
    expect(await answerTo({ send, url, subprotocols: [subprotocol], frames: reference })).toEqual(reference)
    expect(await answerTo({ send, url: service.webSocketUrl, subprotocols: [subprotocol], frames: ours })).toEqual(ours)
  })

  it.each([
    ['init-missing', { id: '1', type: 'subscribe', payload: { query: '{ hello }' } }, false, 4401],
    ['init-twice', hello, true, 4429],
    ['invalid', '{', true, 4400],
  ])(
    'current-close-codes: a frame names the close code that the close itself lacks (%s)',
    async (_name, send, greeted, code) => {
      let told: readonly string[] = []
      const codeFrom = async (url: string): Promise<number> => {
        const socket = await openFrameSocket(url, ['graphql-transport-ws'])
        if (greeted) {
          socket.send(hello)
          await socket.untilReceived(1)
        }
        socket.send(send)
        const { code } = await socket.untilClosed()
        told = socket.received
        return code
      }
      expect(await codeFrom(currentReference.url)).toBe(code)
      expect(await codeFrom(service.webSocketUrl)).toBe(1005)
      expect(told.at(-1)).toMatch(new RegExp(`^{"type":"${code}: `))
    },
  )

  it('current-init-timeout: a client that sends no connection_init stays connected', async () => {
    const impatient = await startCurrentReference({ connectionInitWaitTimeout: 10 })
    const [ours, theirs] = await Promise.all(
      [service.webSocketUrl, impatient.url].map((url) => openFrameSocket(url, ['graphql-transport-ws'])),
    )
    expect(await theirs?.untilClosed()).toEqual({ code: 4408, reason: 'Connection initialisation timeout' })
    ours?.send({ type: 'ping' })
    await ours?.untilReceived(1)
    expect(ours?.received).toEqual(['{"type":"pong"}'])
    await ours?.close()
    await impatient.stop()
  })

  it('legacy-no-subprotocol: a client that offers no sub-protocol is acknowledged', async () => {
    const socket = await openFrameSocket(legacyReference.url)
    expect((await socket.untilClosed()).code).toBe(1002)
    expect(await answerTo({ send: hello, url: service.webSocketUrl, subprotocols: [], frames: [ack] })).toEqual([ack])
  })
})

describe('the negotiation of the sub-protocol', () => {
  it('answers 400 if only unknown sub-protocols are offered', async () => {
    await expect(openFrameSocket(service.webSocketUrl, ['soap', 'graphql-subscriptions'])).rejects.toThrow('400')
  })

  it('selects none if none is offered', async () => {
    const socket = await openFrameSocket(service.webSocketUrl)
    expect(socket.protocol).toBe('')
    await socket.close()
  })
})

describe('a client of the raw dialect', () => {
  it('receives each result and each event once, without an envelope', async () => {
    const board = 'raw'
    const socket = await openFrameSocket(service.webSocketUrl)
    const subscription = { query: taggedOn(board), variables: {} }
    socket.send(subscription)
    await until(
      () => stored.connectionsTo(topicOf(board)),
      ({ length }) => length === 1,
    )
    socket.send(subscription)
    socket.send({ query: 'subscription { text(board: "") }' })
    await socket.untilReceived(1)
    socket.send({ query: postTo(board) })
    await socket.untilReceived(3)
    socket.send({ query: '{ fence: hello }' })
    await socket.untilReceived(4)
    const [refused, ...others] = socket.received.map((frame) => JSON.parse(frame) as unknown)
    expect(refused).toMatchObject({ errors: [{ message: '"board" must not be empty.' }] })
    expect(others).toEqual(
      expect.arrayContaining([
        { data: { notes: { text: 'Good morning', tag: 'fr' } } },
        { data: { post: expect.any(String) } },
        { data: { fence: 'Hello' } },
      ]),
    )
    await socket.close()
  })
})

describe('hostile input gets an error, or ends its connection with a 44xx frame', () => {
  it.each(hostileToLegacy)('legacy: $name', (input) => survives(input, ['graphql-ws'], legacyFence))
  it.each(hostileToCurrent)('current: $name', (input) => survives(input, ['graphql-transport-ws'], currentFence))
  it.each(hostileToRaw)('raw: $name', (input) => survives(input, [], { query: '{ fence: hello }' }))
})

describe('an event over the frame limit of API Gateway', () => {
  it('is replaced by an error, and the subscription still receives the next event', async () => {
    const board = 'large'
    const socket = await openFrameSocket(service.webSocketUrl, ['graphql-transport-ws'])
    socket.send(hello)
    await socket.untilReceived(1)
    const selection = Array.from({ length: 14 }, (_, n) => `a${n}: text`).join(' ')
    const query = taggedOn(board).replace('text tag', selection)
    socket.send({ id: 's', type: 'subscribe', payload: { query } })
    await until(
      () => stored.connectionsTo(topicOf(board)),
      ({ length }) => length === 1,
    )
    const post = async (text: string) => {
      const query = 'mutation ($text: String!) { post(board: "large", text: $text, tag: "fr") }'
      await postGraphql(service.httpUrl, { query, variables: { text } })
    }
    await post('a'.repeat(10_000))
    await socket.untilReceived(2)
    expect(JSON.parse(socket.received[1] ?? '')).toMatchObject({
      type: 'next',
      id: 's',
      payload: {
        errors: [{ message: expect.stringContaining('select less'), extensions: { code: 'LIMIT_EXCEEDED' } }],
      },
    })
    await post('Yes')
    await socket.untilReceived(3)
    expect(JSON.parse(socket.received[2] ?? '')).toMatchObject({ payload: { data: { notes: { a0: 'Yes' } } } })
    await socket.close()
  })
})

async function survives(
  { send, answer }: HostileInput,
  subprotocols: readonly string[],
  fence: unknown,
): Promise<void> {
  const url = service.webSocketUrl
  const socket = await openFrameSocket(url, subprotocols)
  if (subprotocols.length > 0) socket.send(hello)
  const greeted = subprotocols.length
  await socket.untilReceived(greeted)
  socket.send(send)
  if (answer === 'closed') {
    await socket.untilClosed()
    expect(socket.received.slice(greeted)).toEqual([expect.stringMatching(/^{"type":"44\d\d: /)])
    return
  }
  await socket.untilReceived(greeted + answer.length)
  expect(socket.received.slice(greeted).map((frame) => JSON.parse(frame) as unknown)).toMatchObject(answer)
  socket.send(fence)
  await socket.untilReceived(greeted + answer.length + 1)
  expect(socket.received.at(-1)).toContain('fence')
  await socket.close()
}

interface Asking {
  readonly send: unknown
  readonly url: string
  readonly subprotocols: readonly string[]
  /** The expected answer, which determines how many frames to wait for, or whether to wait for the close. */
  readonly frames: Answered
}

/** Sends a message after `connection_init`. @returns the answer */
async function answerTo({ send, url, subprotocols, frames }: Asking): Promise<Answered> {
  const asking = frames === 'closed' ? { send, closes: true as const } : { send, frames: frames.length }
  const { steps, closed } = await play(
    {
      board: 'none',
      steps: [{ send: hello, frames: 1 }, asking],
      fence: subprotocols.includes('graphql-transport-ws') ? currentFence : legacyFence,
    },
    { url, subprotocols, listeners: () => Promise.resolve(0) },
  )
  return closed ? 'closed' : (steps[1] ?? [])
}

function playReference(
  { id: board, steps }: ConformanceCase,
  { url, listeners }: ReferenceServer,
  subprotocol: string,
  fence: unknown,
): Promise<Transcript> {
  const count = (board: string) => Promise.resolve(listeners(topicOf(board)))
  return play({ board, steps, fence }, { url, subprotocols: [subprotocol], listeners: count })
}

function playService(
  { id: board, steps }: ConformanceCase,
  subprotocols: readonly string[],
  fence: unknown,
): Promise<Transcript> {
  return play({ board, steps, fence }, { url: service.webSocketUrl, subprotocols, listeners: storedOn })
}

async function storedOn(board: string): Promise<number> {
  return (await stored.connectionsTo(topicOf(board))).length
}

/** The topic of the subscriptions of `taggedOn`. */
function topicOf(board: string): Topic {
  return taggedTopic(channelTopic('board', board), 'fr')
}
