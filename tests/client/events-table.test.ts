import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { SubscriptionClient } from 'subscriptions-transport-ws'
import { WebSocket } from 'ws'
import { createConnection } from '../../lib/client'
import { serviceDir } from '../../local/offline-command'
import { type GatewayStandIn, type StandInConnection, startGatewayStandIn } from './support/gateway-stand-in'

/** Makes the table of docs/clients.md: what each client does at each close code and event, seen. */

interface Sink {
  readonly next: () => void
  readonly error: (error: unknown) => void
  readonly complete: () => void
}

type Subscribe = (url: string, sink: Sink) => () => void

const query = 'subscription { notes(board: "a") { text } }'

/** As their documentation makes them; what a listener throws goes nowhere, as in a browser. */
class Socket extends WebSocket {
  override emit(event: string, ...args: unknown[]): boolean {
    try {
      return super.emit(event, ...args)
    } catch {
      return false
    }
  }
}

const overGraphqlWs =
  (webSocketImpl: () => unknown): Subscribe =>
  (url, sink) => {
    const client = createClient({ url, webSocketImpl: webSocketImpl() })
    client.subscribe({ query }, sink)
    return () => void Promise.resolve(client.dispose()).catch(() => undefined)
  }

const overLegacy =
  (webSocketImpl: () => unknown): Subscribe =>
  (url, sink) => {
    const client = new SubscriptionClient(url, { reconnect: true, minTimeout: 10_000 }, webSocketImpl(), [])
    client.request({ query }).subscribe(sink)
    return () => {
      client.close()
    }
  }

const connected = () => createConnection({ webSocketImpl: WebSocket, silenceSeconds: 1, answerSeconds: 2 }).WebSocket

const clients: Readonly<Record<string, Subscribe>> = {
  '`graphql-ws` 6': overGraphqlWs(() => Socket),
  '`subscriptions-transport-ws` 0.11': overLegacy(() => Socket),
  '`graphql-ws` over a connection': overGraphqlWs(connected),
  '`subscriptions-transport-ws` over a connection': overLegacy(connected),
}

type Happen = (gateway: GatewayStandIn, connection: StandInConnection) => void

/** At the next `connection_init` messages, as many as that. */
const atInits =
  (count: number, happens: (connection: StandInConnection) => void): Happen =>
  (gateway, connection) => {
    let left = count
    gateway.onMessage = ({ type }, next) => {
      if (type !== 'connection_init' || left === 0) return false
      left--
      happens(next)
      return true
    }
    connection.destroy()
  }

/** The service's answer to a token that it does not take: docs/protocol.md. */
const refuse: Happen = atInits(Infinity, (connection) => {
  const init = connection.received[0]?.payload
  const isCurrent = connection.protocol === 'graphql-transport-ws'
  if (isCurrent || init?.resume) connection.send({ type: '4403: The token has expired.' })
  connection.close(1000)
})

const events: Readonly<Record<string, Happen>> = {
  'closed with 1000, as `@connections` closes': (_gateway, connection) => {
    connection.close(1000)
  },
  'closed with 1000 again and again, before `connection_ack`': atInits(Infinity, (connection) => {
    connection.close(1000)
  }),
  'closed with 1001: two hours old, or silent for ten minutes': (_gateway, connection) => {
    connection.close(1001)
  },
  'broken without a close frame (1006)': (_gateway, connection) => {
    connection.destroy()
  },
  'closed with 1008': (_gateway, connection) => {
    connection.close(1008)
  },
  'closed with 1009: a frame had more than 32 KB': (_gateway, connection) => {
    connection.close(1009)
  },
  'closed with 1011': (_gateway, connection) => {
    connection.close(1011)
  },
  "API Gateway's `Internal server error` in place of an answer": (_gateway, connection) => {
    connection.sendGatewayFrame()
  },
  'the same in place of `connection_ack`, once': atInits(1, (connection) => {
    connection.sendGatewayFrame()
  }),
  'broken twice before `connection_ack`': atInits(2, (connection) => {
    connection.destroy()
  }),
  'a handshake that fails, once': (gateway, connection) => {
    gateway.handshakeStatus = 500
    connection.destroy()
    void gateway.attempted(2).then(() => {
      gateway.handshakeStatus = 101
    })
  },
  'refused for its token': refuse,
  'silent, without a FIN': (_gateway, connection) => {
    connection.fallSilent()
  },
}

/** What has not happened by then never will: the longest pause seen is 4 s. */
const patienceMs = 9_000
const manyAttempts = 30

async function observe(subscribe: Subscribe, happen: Happen): Promise<string> {
  const gateway = await startGatewayStandIn()
  let ended: string | undefined
  const leave = subscribe(gateway.webSocketUrl, {
    next: () => undefined,
    error: (error) => (ended = `ends the subscription: ${wordsOf(error)}`),
    complete: () => (ended = 'ends the subscription'),
  })
  const first = await gateway.started(0)
  happen(gateway, first)
  const isBack = () =>
    gateway.connections.filter((connection) => connection.started().length > 0 && !connection.isBroken()).length > 1
  const endMs = Date.now() + patienceMs
  while (ended === undefined && !isBack() && gateway.attempts() < manyAttempts && Date.now() < endMs) await sleep(50)
  const seen =
    ended ??
    (isBack()
      ? 'subscribes again'
      : gateway.attempts() >= manyAttempts
        ? 'tries without a pause'
        : gateway.attempts() > 2
          ? 'tries again after pauses'
          : 'stays mute')
  leave()
  await gateway.close()
  return seen
}

function wordsOf(error: unknown): string {
  const { code, reason, message } = error as { code?: number; reason?: string; message?: string }
  if (code !== undefined) return [code, reason].filter(Boolean).join(' ')
  const [first] = Array.isArray(error) ? (error as { message: string }[]) : []
  return first?.message ?? message ?? String(error)
}

it('is what the table of docs/clients.md says', async () => {
  const rows = await Promise.all(
    Object.entries(events).map(async ([event, happen]) => {
      const seen = await Promise.all(Object.values(clients).map((subscribe) => observe(subscribe, happen)))
      return `| ${[event, ...seen].join(' | ')} |`
    }),
  )
  const header = ['The connection is', ...Object.keys(clients)]
  const table = [`| ${header.join(' | ')} |`, `| ${header.map(() => '---').join(' | ')} |`, ...rows]
  const docs = readFileSync(join(serviceDir, 'docs', 'clients.md'), 'utf8')
  const ofDocs = docs.split('\n').filter((line) => line.startsWith('|'))
  const written = ofDocs.slice(ofDocs.findIndex((line) => line.includes('The connection is')))
  const narrow = (lines: readonly string[]) => lines.map((line) => line.replace(/ +/g, ' ').replace(/-+/g, '-'))
  expect(narrow(written.slice(0, table.length))).toEqual(narrow(table))
})
