import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'
import { createConnection } from 'serverless-graphql-subscriptions/client'
import { serviceDir } from '../../local/offline-command'
import { patienceMs } from '../support/patience'
import { type GatewayStandIn, type StandInConnection, startGatewayStandIn } from './support/gateway-stand-in'

interface Sink {
  readonly next: () => void
  readonly error: (error: unknown) => void
  readonly complete: () => void
}

/** Subscribes once. @returns a function that disposes of the client */
type Subscribe = (url: string, sink: Sink) => () => void

const query = 'subscription { notes(board: "a") { text } }'

/** An error in a listener does not reach the emitter, as in a browser. */
class Socket extends WebSocket {
  override emit(event: string, ...args: unknown[]): boolean {
    try {
      return super.emit(event, ...args)
    } catch {
      return false
    }
  }
}

const current =
  (webSocketImpl: () => unknown): Subscribe =>
  (url, sink) => {
    const client = createClient({ url, webSocketImpl: webSocketImpl() })
    client.subscribe({ query }, sink)
    return () => void Promise.resolve(client.dispose()).catch(() => undefined)
  }

const legacy =
  (webSocketImpl: () => unknown): Subscribe =>
  (url, sink) => {
    // With the default minTimeout of 1 s, the client would abandon a connection that opens slowly on a busy machine.
    const client = new SubscriptionClient(url, { reconnect: true, minTimeout: 4_000 }, webSocketImpl(), [])
    client.request({ query }).subscribe(sink)
    return () => {
      // close() does nothing between two attempts.
      const timers = client as unknown as Record<'clearTryReconnectTimeout' | 'clearMaxConnectTimeout', () => void>
      timers.clearTryReconnectTimeout()
      timers.clearMaxConnectTimeout()
      client.close()
    }
  }

const helped = () =>
  createConnection({ webSocketImpl: WebSocket, silenceSeconds: 1, answerSeconds: 2, longestPauseSeconds: 2 }).WebSocket

/** The columns of the table. */
const columns: readonly (readonly Subscribe[])[] = [
  [current(() => Socket)],
  [legacy(() => Socket)],
  [current(helped), legacy(helped)],
]

type Happen = (gateway: GatewayStandIn, connection: StandInConnection) => void

const closed =
  (code: number): Happen =>
  (_gateway, connection) => {
    connection.close(code)
  }

/** Ends the connection, and calls `happen` instead of answering the next `count` messages `connection_init`. */
const beforeAck =
  (count: number, happen: (connection: StandInConnection) => void): Happen =>
  (gateway, connection) => {
    let left = count
    gateway.onMessage = ({ type }, next) => {
      if (type !== 'connection_init' || left === 0) return false
      left--
      happen(next)
      return true
    }
    connection.close(1000)
  }

/** The first column of the table. */
const events: Readonly<Record<string, Happen>> = {
  'closed with 1000: @connections closes so': closed(1000),
  'closed with 1000 before each `connection_ack`': beforeAck(Infinity, (connection) => {
    connection.close(1000)
  }),
  'closed with 1001: two hours old, or silent for ten minutes': closed(1001),
  'broken without a close frame (1006)': (_gateway, connection) => {
    connection.destroy()
  },
  'closed with 1008': closed(1008),
  'closed with 1009: a frame was larger than 32 KB': closed(1009),
  'closed with 1011': closed(1011),
  'closed with 1012': closed(1012),
  'answered with the `Internal server error` of API Gateway': (_gateway, connection) => {
    connection.sendGatewayFrame()
  },
  'broken twice before `connection_ack`': beforeAck(2, (connection) => {
    connection.destroy()
  }),
  'refused in the handshake, once': (gateway, connection) => {
    let handshakes = 0
    gateway.onHandshake = () => (++handshakes === 1 ? 500 : 101)
    connection.close(1000)
  },
  'refused for its token': beforeAck(Infinity, (connection) => {
    const isLegacy = connection.protocol === '' && !connection.received[0]?.payload?.resume
    const reason = 'The token has expired.'
    connection.send(isLegacy ? { type: 'connection_error', payload: { message: reason } } : { type: `4403: ${reason}` })
    connection.close(1000)
  }),
  'silent, without a FIN': (_gateway, connection) => {
    connection.fallSilent()
  },
}

const again = 'subscribes again'
const withoutPause = 'retries without a pause'
const withPauses = 'retries with pauses'
const mute = 'stays mute'

/**
 * A client that has not subscribed again within this time never will: the pauses of the libraries reach 4 s by then.
 */
const windowMs = 8_000
const manyAttempts = 30

/** Runs a subscription through an event. @returns the outcome in the words of the table */
async function observe(subscribe: Subscribe, happen: Happen, waitMs: number): Promise<string> {
  const gateway = await startGatewayStandIn()
  let ended: string | undefined
  const dispose = subscribe(gateway.webSocketUrl, {
    next: () => undefined,
    error: (error) => (ended = `ends: ${wordsOf(error)}`),
    complete: () => (ended = 'ends'),
  })
  const first = await gateway.started(0)
  happen(gateway, first)
  const found = () => {
    const isBack = gateway.connections.some(
      (connection) => connection !== first && connection.isAcknowledged() && connection.started().length > 0,
    )
    return ended ?? (isBack ? again : gateway.attempts() >= manyAttempts ? withoutPause : undefined)
  }
  const endMs = Date.now() + waitMs
  while (found() === undefined && Date.now() < endMs) await sleep(50)
  const last = gateway.connections.at(-1)
  const seen = found() ?? (last?.isOpen() && last.isAcknowledged() ? mute : withPauses)
  dispose()
  await gateway.close()
  return seen
}

function wordsOf(error: unknown): string {
  const { code, reason, message } = error as { code?: number; reason?: string; message?: string }
  if (code !== undefined) return [code, reason].filter(Boolean).join(' ')
  const [first] = Array.isArray(error) ? (error as { message: string }[]) : []
  return first?.message ?? message ?? String(error)
}

/** The cells of the table in docs/reference/clients.md, by its first column. */
function tableOfDocs(): Readonly<Record<string, readonly string[]>> {
  const lines = readFileSync(join(serviceDir, 'docs/reference/clients.md'), 'utf8').split('\n')
  const from = lines.findIndex((line) => line.startsWith('| the connection is'))
  const rows = lines.slice(from + 2, lines.indexOf('', from)).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  return Object.fromEntries(rows.map(([event = '', ...cells]) => [event, cells]))
}

it('each client reacts to each event as the table in docs/reference/clients.md states', async () => {
  const written = tableOfDocs()
  const seen = await Promise.all(
    Object.entries(events).map(async ([event, happen]) => {
      const cells = columns.map(async (clients, column) => {
        const says = written[event]?.[column]
        // The two outcomes that consist in waiting take the whole window. All others end the wait earlier.
        const waitMs = says === mute || says === withPauses ? windowMs : patienceMs
        const found = await Promise.all(clients.map((subscribe) => observe(subscribe, happen, waitMs)))
        return [...new Set(found)].join(' or ')
      })
      return [event, await Promise.all(cells)] as const
    }),
  )
  expect(written).toEqual(Object.fromEntries(seen))
})
