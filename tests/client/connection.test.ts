import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'
import { type Connection, type ConnectionOptions, createConnection } from 'serverless-graphql-subscriptions/client'
import { until } from '../support/until'
import { type GatewayStandIn, type StandInConnection, startGatewayStandIn } from './support/gateway-stand-in'

let gateway: GatewayStandIn
const leaving: (() => void)[] = []

beforeEach(async () => {
  gateway = await startGatewayStandIn()
})
afterEach(async () => {
  jest.restoreAllMocks()
  for (const leave of leaving.splice(0)) leave()
  await gateway.close()
})

type Library = 'graphql-ws' | 'subscriptions-transport-ws'

interface Joined {
  readonly connection: Connection
  readonly states: readonly string[]
  readonly run: (query: string) => Outcome
}

interface Outcome {
  readonly results: unknown[]
  /** Its error, or `complete`. */
  readonly ended: unknown[]
  readonly stop: () => void
}

/** A client as its library's documentation says, over a connection of the client package. */
function join(library: Library, options: ConnectionOptions = {}): Joined {
  const connection = createConnection({
    webSocketImpl: WebSocket,
    answerSeconds: 0.2,
    longestPauseSeconds: 0.05,
    ...options,
  })
  const states: string[] = []
  connection.onState(() => states.push(connection.state().state))
  const run = runner(library, connection)
  return {
    connection,
    states,
    run(query) {
      const results: unknown[] = []
      const ended: unknown[] = []
      const stop = run(query, {
        next: (result) => results.push(result),
        error: (error) => ended.push(error),
        complete: () => ended.push('complete'),
      })
      return { results, ended, stop }
    },
  }
}

interface Sink {
  readonly next: (result: unknown) => void
  readonly error: (error: unknown) => void
  readonly complete: () => void
}

function runner(library: Library, { WebSocket: Socket }: Connection): (query: string, sink: Sink) => () => void {
  if (library === 'graphql-ws') {
    const client = createClient({ url: gateway.webSocketUrl, webSocketImpl: Socket })
    leaving.push(() => void client.dispose())
    return (query, sink) => client.subscribe({ query }, sink)
  }
  const client = new SubscriptionClient(gateway.webSocketUrl, {}, Socket, [])
  leaving.push(() => {
    client.close()
  })
  return (query, sink) => {
    const { unsubscribe } = client.request({ query }).subscribe(sink)
    return unsubscribe
  }
}

const notes = 'subscription { notes(board: "a") { text } }'
const mutation = 'mutation { post(board: "a", text: "b") }'

/** Errors that are thrown in microtasks do not end the process, as in a browser. @returns those errors */
function catchMicrotasks(): readonly unknown[] {
  const thrown: unknown[] = []
  jest.spyOn(globalThis, 'queueMicrotask').mockImplementation((run) => {
    Promise.resolve()
      .then(run)
      .catch((error: unknown) => thrown.push(error))
  })
  return thrown
}

/** Sends an event to the first operation of a connection. */
function deliver(connection: StandInConnection, sequence: number, text = `event ${sequence}`): void {
  const [operation] = connection.started()
  const type = operation?.type === 'start' ? 'data' : 'next'
  const payload = { data: { notes: { text } }, extensions: { cursor: `${sequence}:${1_700_000_000_000 + sequence}` } }
  connection.send({ type, id: operation?.id, payload })
}

/** Sends the service's notice of a replay to the first operation of a connection. */
function notice(connection: StandInConnection, resume: 'complete' | 'incomplete'): void {
  const [operation] = connection.started()
  const type = operation?.type === 'start' ? 'data' : 'next'
  connection.send({ type, id: operation?.id, payload: { data: null, extensions: { resume } } })
}

const untilEqual = (find: () => unknown, wanted: unknown) =>
  until(
    () => Promise.resolve(JSON.stringify(find())),
    (found) => found === JSON.stringify(wanted),
  )
const untilState = ({ connection }: Joined, state: string) => untilEqual(() => connection.state().state, state)
const textsOf = ({ results }: Outcome) =>
  results.map((result) => (result as { data: { notes: { text: string } } }).data.notes.text)
const afterOf = (connection: StandInConnection) => connection.started()[0]?.payload?.extensions?.resume?.after
const initOf = (connection: StandInConnection | undefined) =>
  connection?.received.find(({ type }) => type === 'connection_init')?.payload

describe.each<Library>(['graphql-ws', 'subscriptions-transport-ws'])('%s over createConnection()', (library) => {
  it('resumes after the highest number that it received, and drops duplicates', async () => {
    const joined = join(library)
    const heard = joined.run(notes)
    const first = await gateway.started(0)
    expect(afterOf(first)).toBeUndefined()
    expect(first.started()[0]?.payload?.extensions).toEqual({ resume: {} })
    for (const sequence of [1, 3, 2]) deliver(first, sequence)
    await untilEqual(() => textsOf(heard), ['event 1', 'event 3', 'event 2'])
    first.close(1001)

    const second = await gateway.started(1)
    expect(afterOf(second)).toBe('3:1700000000003')
    expect(second.started()[0]?.id).toBe(first.started()[0]?.id)
    await untilState(joined, 'catchingUp')
    for (const sequence of [2, 3, 4]) deliver(second, sequence)
    notice(second, 'complete')
    await untilState(joined, 'live')
    expect(textsOf(heard)).toEqual(['event 1', 'event 3', 'event 2', 'event 4'])
    expect(joined.states).toEqual(['connecting', 'live', 'waiting', 'connecting', 'catchingUp', 'live'])
    expect(heard.ended).toEqual([])
  })

  it('keeps its clientId, and sends a fresh token each time it connects', async () => {
    let tokens = 0
    const { connection, run } = join(library, { connectionParams: () => ({ authToken: `token ${++tokens}` }) })
    run(notes)
    const first = await gateway.started(0)
    connection.reconnect()
    const second = await gateway.started(1)
    const { clientId } = connection
    expect(clientId).toMatch(/^\w{16,128}$/)
    expect([initOf(first), initOf(second)]).toEqual([
      { clientId, resume: true, authToken: 'token 1' },
      { clientId, resume: true, authToken: 'token 2' },
    ])
  })

  it('detects a dead line, reconnects, and is in the state "waiting" meanwhile', async () => {
    const joined = join(library, { silenceSeconds: 0.2 })
    joined.run(notes)
    const first = await gateway.started(0)
    await until(
      () => Promise.resolve(first.received.filter(({ type }) => type === 'ping').length),
      (pings) => pings >= 2, // an idle connection is tested with pings, and kept
    )
    expect(gateway.connections).toHaveLength(1)
    first.fallSilent()
    await gateway.started(1)
    expect(joined.states.slice(0, 3)).toEqual(['connecting', 'live', 'waiting'])
  })

  it.each([
    ['connection_ack', ['connection_init']],
    ['missed events', ['start', 'subscribe']],
  ])('detects that the line dies while it waits for %s', async (_what, types) => {
    const joined = join(library)
    const heard = joined.run(notes)
    const first = await gateway.started(0)
    deliver(first, 1)
    await untilEqual(() => textsOf(heard), ['event 1'])
    let isDead = false
    gateway.onMessage = ({ type }, connection) => {
      if (isDead || !types.includes(type)) return false
      isDead = true
      connection.fallSilent()
      return true
    }
    first.close(1001)
    await untilEqual(() => gateway.connections[2]?.started().length, 1)
    await untilState(joined, 'catchingUp')
  })

  // Regression: the client sent a ping over a socket that was not open yet, which threw an error.
  it('waits for a handshake that takes longer than silenceSeconds', async () => {
    let letIn: () => void = () => undefined
    gateway.beforeHandshake = () => new Promise((resolve) => (letIn = resolve))
    const joined = join(library, { silenceSeconds: 0.01 })
    joined.run(notes)
    await untilEqual(() => gateway.attempts(), 1)
    await sleep(150) // three checks of the line
    letIn()
    await gateway.started(0)
    expect(joined.states.slice(0, 2)).toEqual(['connecting', 'live'])
  })

  it('sends an unanswered query again after a reconnect, but not a mutation', async () => {
    gateway.onMessage = ({ type, payload }, connection) => {
      if (gateway.connections.length === 1 || !payload?.query?.startsWith('{')) return false
      const [operation] = connection.started()
      const isLegacy = type === 'start'
      connection.send({ type: isLegacy ? 'data' : 'next', id: operation?.id, payload: { data: { hello: 'Hello' } } })
      connection.send({ type: 'complete', id: operation?.id })
      return true
    }
    const { run } = join(library)
    const [query, posted] = [run('{ hello }'), run(mutation)]
    const first = await gateway.started(0)
    await untilEqual(() => first.started().length, 2)
    first.destroy()
    await untilEqual(() => query.ended, ['complete'])
    expect(query.results).toMatchObject([{ data: { hello: 'Hello' } }])
    expect(JSON.stringify(posted.ended)).toContain('CONNECTION_LOST')
    expect(gateway.connections[1]?.started()).toHaveLength(1)
  })

  it.each([
    [
      'a close with 1000, as by @connections',
      (connection: StandInConnection) => {
        connection.close(1000)
      },
    ],
    [
      'a close with 1001, for age or silence',
      (connection: StandInConnection) => {
        connection.close(1001)
      },
    ],
    [
      'a close with 1008',
      (connection: StandInConnection) => {
        connection.close(1008)
      },
    ],
    [
      'a close with 1009',
      (connection: StandInConnection) => {
        connection.close(1009)
      },
    ],
    [
      'a close with 1011',
      (connection: StandInConnection) => {
        connection.close(1011)
      },
    ],
    [
      'a close with 1012',
      (connection: StandInConnection) => {
        connection.close(1012)
      },
    ],
    [
      'the end of a connection without a close frame',
      (connection: StandInConnection) => {
        connection.destroy()
      },
    ],
    [
      'an error frame of API Gateway',
      (connection: StandInConnection) => {
        connection.sendGatewayFrame()
      },
    ],
    [
      'a frame that is not JSON',
      (connection: StandInConnection) => {
        connection.send('<html>')
      },
    ],
    [
      'an error frame with 4409',
      (connection: StandInConnection) => {
        connection.send({ type: '4409: Subscriber for 1 already exists' })
      },
    ],
    [
      'a close with 4429',
      (connection: StandInConnection) => {
        connection.close(4429)
      },
    ],
  ])('subscribes again after %s', async (_what, end) => {
    const joined = join(library)
    const heard = joined.run(notes)
    end(await gateway.started(0))
    deliver(await gateway.started(1), 1)
    await untilEqual(() => textsOf(heard), ['event 1'])
    expect(heard.ended).toEqual([])
  })

  // On its own, subscriptions-transport-ws forgets its operations then, and never subscribes again.
  it('subscribes again if its connection breaks twice before it is acknowledged', async () => {
    let inits = 0
    gateway.onMessage = ({ type }, connection) => {
      if (type !== 'connection_init' || ++inits < 2 || inits > 3) return false
      connection.destroy()
      return true
    }
    join(library).run(notes)
    ;(await gateway.started(0)).destroy()
    await gateway.started(1)
    expect(inits).toBe(4)
  })

  it('stops when it is refused, and reports the reason to each operation and in its state', async () => {
    gateway.onMessage = ({ type }, connection) => {
      if (type !== 'connection_init') return false
      connection.send({ type: '4403: The token has expired.' })
      connection.close(1000)
      return true
    }
    const { connection, run } = join(library)
    const heard = run(notes)
    await untilEqual(() => heard.ended.length, 1)
    expect(JSON.stringify(heard.ended)).toContain('The token has expired.')
    expect(connection.state()).toEqual({ state: 'refused', reason: 'The token has expired.' })
    expect(gateway.attempts()).toBe(1)
    const late = run(notes) // the application may have another token by now
    await untilEqual(() => late.ended.length, 1)
    expect(gateway.attempts()).toBe(2)
  })

  it('resumes when it reconnects after a refusal, if whenRefused is "wait"', async () => {
    let isRefused = false
    gateway.onMessage = ({ type }, connection) => {
      if (type === 'connection_init' && isRefused) connection.send({ type: '4403: The token has expired.' })
      return isRefused
    }
    const joined = join(library, { whenRefused: 'wait' })
    const heard = joined.run(notes)
    const first = await gateway.started(0)
    deliver(first, 1)
    await untilEqual(() => textsOf(heard), ['event 1'])
    isRefused = true
    first.close(1000)
    await untilState(joined, 'refused')
    isRefused = false
    joined.connection.reconnect()
    expect(afterOf(await gateway.started(1))).toBe('1:1700000000001')
    expect(heard.ended).toEqual([])
  })

  it('refuses an operation too large for API Gateway without sending it, and stays connected', async () => {
    const joined = join(library)
    const small = joined.run(notes)
    const first = await gateway.started(0)
    const controls = JSON.stringify('\u0001'.repeat(6_000)) // 7 bytes each, as JSON within JSON
    const large = joined.run(`mutation { post(board: "a", text: ${controls}) }`)
    await untilEqual(() => large.ended.length, 1)
    expect(JSON.stringify(large.ended)).toMatch(
      /The message has \d+ bytes as JSON\. API Gateway takes at most 32768: send less at once\..*TOO_LARGE/,
    )
    deliver(first, 1)
    await untilEqual(() => textsOf(small), ['event 1'])
    expect(first.started()).toHaveLength(1)
    expect(gateway.attempts()).toBe(1)
  })

  it('refuses connection parameters that are too large for API Gateway', async () => {
    const { connection, run } = join(library, { connectionParams: { authToken: 'x'.repeat(40_000) } })
    const heard = run(notes)
    await untilEqual(() => heard.ended.length, 1)
    expect(connection.state()).toMatchObject({ state: 'refused', reason: expect.stringContaining('at most 32768') })
  })

  it('retries failed handshakes with growing pauses, and reports when each pause ends', async () => {
    gateway.onHandshake = () => 500
    let share = 0.02
    let drawnAtMs = 0
    const random = jest.spyOn(Math, 'random').mockImplementation(() => {
      drawnAtMs = Date.now()
      return share
    })
    const joined = join(library, { longestPauseSeconds: 30 })
    const pauses: number[] = []
    joined.connection.onState(() => {
      const state = joined.connection.state()
      if ('untilMs' in state) pauses.push((state.untilMs - drawnAtMs) / 1_000)
      if (pauses.length === 3) share = 1
    })
    joined.run(notes)
    await untilEqual(() => pauses.length, 4)
    expect(pauses.map((seconds) => Number(seconds.toFixed(2)))).toEqual([0.02, 0.04, 0.08, 8])
    const state = joined.connection.state()
    expect('reason' in state && state.reason).toContain('1006')

    gateway.onHandshake = () => 101
    joined.connection.reconnect()
    await gateway.started(0)
    expect(gateway.attempts()).toBe(5)
    random.mockRestore()
  })

  it('replaces the connection before API Gateway ends it', async () => {
    const joined = join(library, { lifetimeSeconds: 0.1 })
    joined.run(notes)
    const first = await gateway.started(0)
    await gateway.started(1)
    expect(first.isOpen()).toBe(false)
    expect(joined.states.slice(0, 4)).toEqual(['connecting', 'live', 'connecting', 'live'])
  })

  it('makes five attempts at a query that ends its function', async () => {
    gateway.onMessage = ({ payload }, connection) => {
      const isQuery = payload?.query === '{ hello }'
      if (isQuery) connection.sendGatewayFrame()
      return isQuery
    }
    const joined = join(library)
    const [heard, query] = [joined.run(notes), joined.run('{ hello }')]
    await untilEqual(() => query.ended.length, 1)
    expect(JSON.stringify(query.ended)).toContain('NO_ANSWER')
    const last = await gateway.started(5)
    deliver(last, 1)
    await untilEqual(() => textsOf(heard), ['event 1'])
    expect(last.started()).toHaveLength(1)
    expect(heard.ended).toEqual([])
  })

  it('makes five attempts at a subscription that fails with a transient error', async () => {
    const errors = [{ message: 'Reference: 7.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }]
    gateway.onMessage = ({ type, id }, connection) => {
      if (type === 'start') connection.send({ type: 'error', id, payload: errors[0] })
      if (type === 'subscribe') connection.send({ type: 'error', id, payload: errors })
      return type === 'start' || type === 'subscribe'
    }
    const heard = join(library).run(notes)
    await untilEqual(() => heard.ended.length, 1)
    expect(JSON.stringify(heard.ended)).toContain('Reference: 7.')
    expect(gateway.connections.map((connection) => connection.started().length)).toEqual([5])
  })

  it('starts a subscription again that fails with a transient error, and no other', async () => {
    const draft = 'subscription { draft(board: "a") }'
    const error = { message: 'Wait.', extensions: { code: 'RATE_LIMITED' } }
    let failures = 0
    gateway.onMessage = ({ type, id, payload }, connection) => {
      if (payload?.query !== draft || failures++) return false
      connection.send({ type: 'error', id, payload: type === 'start' ? error : [error] })
      return true
    }
    const joined = join(library)
    const [heard, limited] = [joined.run(notes), joined.run(draft)]
    const first = await gateway.started(0)
    await untilEqual(() => first.started().map(({ payload }) => payload?.query), [notes, draft, draft])
    deliver(first, 1)
    await untilEqual(() => textsOf(heard), ['event 1'])
    expect(gateway.connections).toHaveLength(1)
    expect(limited.ended).toEqual([])
    expect(joined.states).toEqual(['connecting', 'live', 'catchingUp', 'live'])
  })

  it('reports lost events once until another event arrives', async () => {
    const lost: unknown[] = []
    const joined = join(library, { onIncomplete: (subscription) => lost.push(subscription) })
    const heard = joined.run(notes)
    deliver(await gateway.started(0), 1)
    await untilEqual(() => textsOf(heard), ['event 1'])
    for (const n of [1, 2]) {
      gateway.connections.at(-1)?.close(1001)
      const next = await gateway.started(n)
      notice(next, 'incomplete')
      notice(next, 'complete')
      await untilState(joined, 'live')
    }
    expect(lost).toMatchObject([{ query: notes }])
    expect(heard.results).toHaveLength(1)
  })

  it('calls connectionParams again after it has thrown', async () => {
    let asked = 0
    const connectionParams = () => {
      if (++asked === 1) throw new Error('The issuer is away.')
      return { authToken: 'a' }
    }
    const { states, run } = join(library, { connectionParams })
    run(notes)
    expect(initOf(await gateway.started(0))).toMatchObject({ authToken: 'a' })
    expect(states.slice(0, 2)).toEqual(['connecting', 'waiting'])
  })

  it('reconnects if a listener throws when the connection is lost', async () => {
    const thrown = catchMicrotasks()
    const { connection, run } = join(library)
    connection.onState(() => {
      if (connection.state().state === 'waiting') throw new Error('The page is gone.')
    })
    run(notes)
    ;(await gateway.started(0)).destroy()
    await gateway.started(1)
    expect(thrown).toEqual([new Error('The page is gone.')])
  })

  it('connects once if a listener calls reconnect() when the connection is lost', async () => {
    const joined = join(library)
    joined.connection.onState(() => {
      if (joined.connection.state().state === 'waiting') joined.connection.reconnect()
    })
    joined.run(notes)
    const first = await gateway.started(0)
    jest.spyOn(Math, 'random').mockReturnValue(0) // a retry would come before the handshake is answered
    first.destroy()
    await gateway.started(1)
    expect(joined.states).toEqual(['connecting', 'live', 'waiting', 'connecting', 'live'])
  })

  it('stops a subscription at the service when the application ends it, and does not resume it', async () => {
    const { run } = join(library)
    const [stopped, kept] = [run(notes), run('subscription { draft(board: "a") }')]
    const first = await gateway.started(0)
    await untilEqual(() => first.started().length, 2)
    stopped.stop()
    await untilEqual(() => first.received.filter(({ type }) => type === 'stop' || type === 'complete').length, 1)
    first.destroy()
    expect((await gateway.started(1)).started().map(({ payload }) => payload?.query)).toEqual([
      'subscription { draft(board: "a") }',
    ])
    expect(kept.ended).toEqual([])
  })
})

it('connects after reconnect(), if it was refused and graphql-ws has closed its socket since', async () => {
  gateway.onMessage = ({ type }, connection) => {
    if (type === 'connection_init') connection.send({ type: '4403: The token has expired.' })
    return true
  }
  const joined = join('graphql-ws', { whenRefused: 'wait' })
  const heard = joined.run(notes)
  await untilState(joined, 'refused')
  heard.stop()
  await untilEqual(() => heard.ended, ['complete'])
  gateway.onMessage = () => false
  joined.connection.reconnect()
  joined.run(notes)
  await gateway.started(0)
})

it('connects again if graphql-ws is terminated when a mutation is lost', async () => {
  const { WebSocket: Socket } = createConnection({ webSocketImpl: WebSocket })
  const retryWait = () => sleep(20) // longer than the pause of the connection
  const client = createClient({ url: gateway.webSocketUrl, webSocketImpl: Socket, retryWait })
  leaving.push(() => void client.dispose())
  const sink = { next: () => undefined, complete: () => undefined }
  client.subscribe({ query: notes }, { ...sink, error: () => undefined })
  const error = () => {
    client.terminate()
  }
  client.subscribe({ query: mutation }, { ...sink, error })
  const first = await gateway.started(0)
  await untilEqual(() => first.started().length, 2)
  jest.spyOn(Math, 'random').mockReturnValue(0)
  first.destroy()
  expect((await gateway.started(1)).started().map(({ payload }) => payload?.query)).toEqual([notes])
})

it('answers the pings of graphql-ws itself', async () => {
  let pongs = 0
  const { WebSocket: Socket } = createConnection({ webSocketImpl: WebSocket })
  const client = createClient({
    url: gateway.webSocketUrl,
    webSocketImpl: Socket,
    keepAlive: 5,
    on: { pong: () => pongs++ },
  })
  leaving.push(() => void client.dispose())
  client.subscribe({ query: notes }, { next: () => undefined, error: () => undefined, complete: () => undefined })
  const first = await gateway.started(0)
  await until(
    () => Promise.resolve(pongs),
    (count) => count >= 2,
  )
  expect(first.received.map(({ type }) => type)).toEqual(['connection_init', 'subscribe'])
})

it('reconnects if an error handler throws when a mutation is lost', async () => {
  const thrown = catchMicrotasks()
  const run = runner('subscriptions-transport-ws', createConnection({ webSocketImpl: WebSocket }))
  const sink = { next: () => undefined, complete: () => undefined }
  run(notes, { ...sink, error: () => undefined })
  run(mutation, {
    ...sink,
    error: () => {
      throw new Error('The page is gone.')
    },
  })
  const first = await gateway.started(0)
  await untilEqual(() => first.started().length, 2)
  first.destroy()
  await gateway.started(1)
  expect(thrown).toEqual([new Error('The page is gone.')])
})

it('connects again if the socket is closed just after an operation that follows a refusal', async () => {
  gateway.onMessage = ({ type }, connection) => {
    if (type === 'connection_init') connection.send({ type: '4403: The token has expired.' })
    return true
  }
  const connection = createConnection({ webSocketImpl: WebSocket })
  const open = () => {
    const socket = new connection.WebSocket(gateway.webSocketUrl)
    socket.onopen = () => {
      socket.send('{"type":"connection_init"}')
    }
    leaving.push(() => {
      socket.close()
    })
    return socket
  }
  const first = open()
  await untilEqual(() => connection.state().state, 'refused')
  first.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: notes } }))
  first.close()
  await Promise.resolve()
  expect(connection.state().state).toBe('refused')
  gateway.onMessage = () => false
  open()
  await untilEqual(() => connection.state().state, 'live')
})

it('keeps its cursors when subscriptions-transport-ws reconnects by itself', async () => {
  const connection = createConnection({ webSocketImpl: WebSocket })
  const client = new SubscriptionClient(gateway.webSocketUrl, { reconnect: true }, connection.WebSocket, [])
  leaving.push(() => {
    client.close()
  })
  const results: unknown[] = []
  client.request({ query: notes }).subscribe({ next: (result) => results.push(result) })
  const first = await gateway.started(0)
  deliver(first, 1)
  await untilEqual(() => results.length, 1)
  const errors: unknown[] = []
  client.request({ query: mutation }).subscribe({ error: (error) => errors.push(error) })
  await untilEqual(() => first.started().length, 2)
  client.close(false, false)
  const second = await gateway.started(1)
  expect(JSON.stringify(errors)).toContain('CONNECTION_LOST')
  expect(second.started()).toHaveLength(1)
  expect(afterOf(second)).toBe('1:1700000000001')
  deliver(second, 1)
  deliver(second, 2)
  await untilEqual(() => results.length, 2)
})

it('throws if a second client uses the same connection', () => {
  const { WebSocket: Socket } = createConnection({ webSocketImpl: WebSocket })
  const socket = new Socket(gateway.webSocketUrl)
  expect(() => new Socket(gateway.webSocketUrl)).toThrow('A connection serves one client')
  socket.close()
})

it('refuses a silenceSeconds that exceeds the idle time-out of API Gateway', () => {
  expect(() => createConnection({ webSocketImpl: WebSocket, silenceSeconds: 600 })).toThrow(
    'Expected "silenceSeconds" to be at most 540, got 600.',
  )
})
