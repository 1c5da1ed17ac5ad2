import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { until } from '../../support/until'

/** A message of a client, as far as the stand-in reads it. */
export interface ClientFrame {
  readonly type: string
  readonly id?: string
  readonly payload?: {
    readonly query?: string
    readonly clientId?: string
    readonly authToken?: string
    readonly resume?: boolean
    readonly extensions?: { readonly resume?: { readonly after?: string } }
  }
}

export interface StandInConnection {
  /** What the client has sent, in order. */
  readonly received: readonly ClientFrame[]
  /** Operations that were started on it. */
  readonly started: () => readonly ClientFrame[]
  readonly send: (frame: unknown) => void
  /** Sends the error frame that API Gateway sends if its integration has failed. */
  readonly sendGatewayFrame: () => void
  /**
   * Closes it with a close frame: 1000 as `DELETE @connections` does, 1001 for age and silence, 1009 for messages that
   * are too large.
   */
  readonly close: (code: number, reason?: string) => void
  /** Breaks it without a close frame. */
  readonly destroy: () => void
  /** From now on nothing passes in either direction, without a sign of it: no FIN, no close frame. */
  readonly fallSilent: () => void
  readonly isOpen: () => boolean
  readonly isAcknowledged: () => boolean
  /** The sub-protocol; empty if the client has offered none. */
  readonly protocol: string
}

/**
 * A WebSocket API that closes and frames as API Gateway does. It answers `connection_init` and `ping`, and nothing
 * else: a test decides what happens.
 */
export interface GatewayStandIn {
  readonly webSocketUrl: string
  readonly connections: readonly StandInConnection[]
  /** How often a client has tried to connect. */
  readonly attempts: () => number
  /** The status of the answer to the next handshake: 101 accepts it. */
  onHandshake: () => number
  /** What a handshake waits for. */
  beforeHandshake: () => Promise<void>
  /** Called with each message. Replaces the stand-in's answer if it returns true. */
  onMessage: (frame: ClientFrame, connection: StandInConnection) => boolean
  /** The n-th connection (from 0) on which something was started, once there is one. */
  readonly started: (n: number) => Promise<StandInConnection>
  readonly close: () => Promise<void>
}

export async function startGatewayStandIn(): Promise<GatewayStandIn> {
  const connections: StandInConnection[] = []
  let attempts = 0
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (protocols) => [...protocols][0] ?? false,
  })
  const server = createServer()
  server.on('upgrade', (request, stream, head) => {
    attempts++
    const status = standIn.onHandshake()
    if (status !== 101) {
      stream.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    void standIn.beforeHandshake().then(() => {
      sockets.handleUpgrade(request, stream, head, serve)
    })
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')

  const serve = (socket: WebSocket): void => {
    const received: ClientFrame[] = []
    let isSilent = false
    let isAcknowledged = false
    const send = (frame: unknown) => {
      if (!isSilent) socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    }
    const connection: StandInConnection = {
      received,
      started: () => received.filter(({ type }) => type === 'start' || type === 'subscribe'),
      send,
      sendGatewayFrame: () => {
        send({ message: 'Internal server error', connectionId: 'L0SM9cOFvHcCIhw=', requestId: 'YvJnlGKmPHcFk8A=' })
      },
      close: (code, reason = '') => {
        socket.close(code, reason)
      },
      destroy: () => {
        socket.terminate()
      },
      fallSilent: () => {
        isSilent = true
        socket.pause()
      },
      isOpen: () => socket.readyState === socket.OPEN,
      isAcknowledged: () => isAcknowledged,
      protocol: socket.protocol,
    }
    connections.push(connection)
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as ClientFrame
      received.push(frame)
      if (standIn.onMessage(frame, connection)) return
      if (frame.type === 'connection_init') {
        isAcknowledged = true
        send({ type: 'connection_ack' })
      }
      if (frame.type === 'ping') send({ type: 'pong' })
    })
  }

  const standIn: GatewayStandIn = {
    webSocketUrl: `ws://localhost:${(server.address() as AddressInfo).port}`,
    connections,
    attempts: () => attempts,
    onHandshake: () => 101,
    beforeHandshake: () => Promise.resolve(),
    onMessage: () => false,
    started: async (n) => {
      const [connection] = await until(
        () => Promise.resolve(connections.filter((each) => each.started().length > 0).slice(n)),
        ({ length }) => length > 0,
      )
      if (!connection) throw new Error('until has found it')
      return connection
    },
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
  return standIn
}
