import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { until } from '../../support/until'

/** The members of a client's message that the stand-in reads. */
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
  /** The client's messages, in order. */
  readonly received: readonly ClientFrame[]
  /** The messages that started operations. */
  readonly started: () => readonly ClientFrame[]
  readonly send: (frame: unknown) => void
  /** Sends the frame that API Gateway sends if its integration fails. */
  readonly sendGatewayFrame: () => void
  /**
   * Closes it with a close frame. API Gateway uses 1000 for `DELETE @connections`, 1001 for a connection that is too
   * old or idle, and 1009 for a message that is too large.
   */
  readonly close: (code: number, reason?: string) => void
  /** Breaks it without a close frame. */
  readonly destroy: () => void
  /** Stops all traffic in both directions, with no sign of it: no FIN and no close frame. */
  readonly fallSilent: () => void
  readonly isOpen: () => boolean
  readonly isAcknowledged: () => boolean
  /** The selected sub-protocol; empty if the client offered none. */
  readonly protocol: string
}

/**
 * A WebSocket API with the close codes and frames of API Gateway. It answers only `connection_init` and `ping`; the
 * test sends everything else.
 */
export interface GatewayStandIn {
  readonly webSocketUrl: string
  readonly connections: readonly StandInConnection[]
  /** The number of handshakes so far, refused ones included. */
  readonly attempts: () => number
  /** Returns the status of a handshake. 101 accepts it. */
  onHandshake: () => number
  /** An accepted handshake waits for its promise. */
  beforeHandshake: () => Promise<void>
  /** Is called for each message. If it returns true, the stand-in does not answer the message. */
  onMessage: (frame: ClientFrame, connection: StandInConnection) => boolean
  /**
   * Resolves with the n-th connection (from 0) on which an operation was started, once there is one. Rejects after
   * `patienceMs`.
   */
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
