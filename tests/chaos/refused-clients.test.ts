import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { type Cloud, startCloud } from '../../chaos/cloud'
import { createPlanned, type Planned } from '../../chaos/plan'
import { openTables } from '../../chaos/tables'
import { channelTopic } from '../../lib/channels/topic'
import { makeKeyPair } from '../../lib/local/signing-key'
import { startTokenIssuer, type TokenIssuer } from '../../lib/local/token-issuer'
import { freePorts } from '../../lib/testing'
import { type BareSocket, dial } from '../support/bare-socket'
import { bundledFunctions } from '../support/bundled-functions'
import { until } from '../support/until'

/**
 * @connections can close only with the code 1000, at which graphql-ws with its defaults reconnects without a pause.
 * Regression: refused clients made 200 to 340 attempts in 10 s.
 */
let cloud: Cloud
let faults: Planned
let issuer: TokenIssuer
let startIssuer: () => Promise<TokenIssuer>
const clients: Client[] = []

beforeAll(async () => {
  faults = createPlanned()
  const pair = await makeKeyPair('1')
  const port = Number((await freePorts())['TOKEN_ISSUER_PORT']) // that no other process is given while it is closed
  issuer = await startTokenIssuer({ port, keys: () => [pair] })
  startIssuer = () => startTokenIssuer({ port, keys: () => [pair] })
  cloud = await startCloud({
    faults,
    bundles: bundledFunctions(),
    environment: { ACCESS: 'tokens', TOKEN_ISSUER: issuer.endpoint, TOKEN_AUDIENCE: issuer.audience },
    sqsSecondMs: 200, // so that delays of 20 to 40 s take 4 to 8 s
  })
})

afterEach(async () => {
  faults.follow([])
  await Promise.allSettled(clients.splice(0).map(async (client) => client.dispose())) // rejects if it was connecting
})

afterAll(async () => {
  await untilAtRest()
  await cloud.close()
  await issuer.close()
})

interface Watched {
  readonly attempts: () => number
  readonly isAcknowledged: () => boolean
  /** The error that ended its subscription; undefined while it runs. */
  readonly error: () => unknown
}

/** Opens a client with the defaults of graphql-ws, which subscribes. */
function open(connectionParams: Record<string, unknown>, Socket: unknown = WebSocket): Watched {
  let attempts = 0
  let acknowledged = false
  let ended: unknown
  const client = createClient({
    url: cloud.gateway.webSocketUrl,
    webSocketImpl: Socket,
    connectionParams,
    on: {
      connecting: () => attempts++,
      connected: () => {
        acknowledged = true
      },
    },
  })
  clients.push(client)
  const sink = {
    next: () => undefined,
    complete: () => {
      ended = 'complete'
    },
    error: (error: unknown) => {
      ended = error
    },
  }
  client.subscribe({ query: 'subscription { notes(board: "a") { text } }' }, sink)
  return { attempts: () => attempts, isAcknowledged: () => acknowledged, error: () => ended }
}

function withToken(token: string): unknown {
  return class extends WebSocket {
    constructor(url: string, protocols?: string) {
      super(url, protocols, { headers: { Authorization: `Bearer ${token}` } })
    }
  }
}

const untilAtRest = () =>
  until(
    () => Promise.resolve(cloud.underWay()),
    (invocations) => invocations === 0,
  )

const untilAcknowledged = (client: Watched) =>
  until(
    () => Promise.resolve(client.isAcknowledged()),
    (is) => is,
  )

describe('a client that is refused temporarily', () => {
  it('makes at most 6 attempts in 10 s while the issuer is unreachable, but more than one, then connects', async () => {
    const authToken = await issuer.token({ sub: 'ann' })
    await issuer.close()
    const waiting = [open({ authToken }), open({}, withToken(authToken))] // token in connection_init, and in $connect
    await sleep(10_000)
    for (const { attempts } of waiting) expect(attempts()).toBeLessThanOrEqual(6)
    await until(
      () => Promise.resolve(waiting.map(({ attempts }) => attempts())),
      (made) => made.every((attempts) => attempts > 1), // on a busy machine, the second comes after more than 10 s
    )
    expect(waiting.map(({ error }) => error())).toEqual([undefined, undefined])
    expect(waiting.every(({ isAcknowledged }) => isAcknowledged())).toBe(false)
    issuer = await startIssuer()
    await Promise.all(waiting.map(untilAcknowledged))
  })

  it('makes at most 6 attempts in 10 s while DynamoDB throttles, then connects', async () => {
    const authToken = await issuer.token({ sub: 'ann' })
    faults.follow([{ fault: 'throttled', of: { service: 'dynamodb', functionName: 'default' } }])
    const waiting = open({ authToken })
    await sleep(10_000)
    expect([waiting.error(), waiting.isAcknowledged()]).toEqual([undefined, false])
    expect(waiting.attempts()).toBeLessThanOrEqual(6)
    faults.follow([])
    await untilAcknowledged(waiting)
  })
})

describe('a client that is refused permanently', () => {
  it.each([
    [
      'no token',
      () => Promise.resolve({}),
      'A token is required: send it as "authToken" of the connection parameters.',
    ],
    [
      'an invalid token',
      () => Promise.resolve({ authToken: 'x.y.z' }),
      'The token is not a valid token of this issuer.',
    ],
    [
      'an expired token',
      async () => ({ authToken: await issuer.token({ sub: 'a', exp: 1 }) }),
      'The token has expired.',
    ],
    [
      'an invalid clientId',
      async () => ({ authToken: await issuer.token({ sub: 'a' }), clientId: '' }),
      '"clientId" of the connection parameters must be a string of 1 to 128 characters.',
    ],
  ])('gives up after one attempt with the reason: %s', async (_what, params, reason) => {
    const refused = open(await params())
    await until(
      () => Promise.resolve(refused.error()),
      (error) => error !== undefined,
    )
    expect(refused.error()).toEqual(new Error(`Invalid message 'type' property "4403: ${reason}"`))
    await untilAtRest()
    expect(refused.attempts()).toBe(1)
  })
})

describe('an acknowledged client whose second connection_init is refused', () => {
  const start = (query: string) => ({ id: '1', type: 'start', payload: { query } })
  const board = channelTopic('board', 'b')
  const subscription = start('subscription { notes(board: "b") { text } }')

  // Regression: its subscriptions were deleted without a cursor, so nothing was replayed when it reconnected.
  it('receives missed events when it reconnects', async () => {
    const tables = openTables(cloud)
    const ann = { clientId: 'c', authToken: await issuer.token({ sub: 'ann' }) }
    const first = await greet(ann)
    first.say(subscription)
    await tables.untilSubscribed([{ heard: new Map([[board, []]]) }])
    first.say({ type: 'connection_init', payload: { authToken: 'x.y.z' } })
    expect(await first.next()).toMatchObject({ type: 'connection_error' })
    await first.closed

    const bob = await greet({ authToken: await issuer.token({ sub: 'bob' }) })
    bob.say(start('mutation { post(board: "b", text: "Meanwhile") }'))
    expect(await bob.next()).toMatchObject({ type: 'data', id: '1', payload: { data: { post: expect.any(String) } } })
    await until(
      () => tables.logOf(board),
      ({ length }) => length === 1,
    )
    tables.close()
    const second = await greet(ann)
    second.say(subscription)
    expect(await second.next()).toMatchObject({ payload: { data: { notes: { text: 'Meanwhile' } } } })
    for (const socket of [bob, second]) socket.close()
  })

  // Regression: the connection became bob's, and `endUser` did not find ann's subscriptions on it.
  it('is closed with an error if the token belongs to another user', async () => {
    const socket = await greet({ authToken: await issuer.token({ sub: 'ann' }) })
    socket.say({ type: 'connection_init', payload: { authToken: await issuer.token({ sub: 'bob' }) } })
    const message = 'This connection belongs to another user: connect again to change the user.'
    expect(await socket.next()).toEqual({ type: 'connection_error', id: null, payload: { message } })
    await socket.closed
  })
})

async function greet(payload: unknown): Promise<BareSocket> {
  const socket = await dial(cloud.gateway.webSocketUrl, { protocols: ['graphql-ws'] })
  socket.say({ type: 'connection_init', payload })
  expect(await socket.next()).toEqual({ type: 'connection_ack' })
  return socket
}
