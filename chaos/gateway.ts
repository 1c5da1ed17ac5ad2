import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { listen } from '../lib/local/stand-in'
import type { Faults } from './faults'
import type { LambdaFunction } from './lambda'
import type { ConnectionsRequest } from './proxy'

export interface GatewayOptions {
  readonly faults: Faults
  readonly connect: LambdaFunction
  readonly default: LambdaFunction
  readonly disconnect: LambdaFunction
  /** How long it accepts posts to a dead line. */
  readonly deadMs: number
}

/** A simulated WebSocket API of API Gateway. */
export interface Gateway {
  readonly webSocketUrl: string
  /** The status of its response to a @connections request. */
  readonly connections: (request: ConnectionsRequest) => number
  /** Connections whose end was not reported to a function, or whose report failed. */
  readonly unheard: ReadonlySet<string>
  /** The number of running invocations. */
  readonly underWay: () => number
  readonly close: () => Promise<void>
}

interface RouteAnswer {
  readonly statusCode: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Connection {
  readonly socket: WebSocket
  readonly connectedAt: number
  /** `dead`: frames in either direction are lost. `full`: the client does not read. */
  line: 'good' | 'dead' | 'full'
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { faults, deadMs } = options
  const connections = new Map<string, Connection>()
  const unheard = new Set<string>()
  let underWay = 0
  const invoke = async (lambda: LambdaFunction, event: unknown): Promise<RouteAnswer> => {
    underWay++
    try {
      return (await lambda.invoke(event)) as RouteAnswer
    } finally {
      underWay--
    }
  }

  const onMessage = async (connectionId: string, connection: Connection, body: string) => {
    if (connection.line === 'dead') return
    const { socket, connectedAt } = connection
    const requestContext = { connectionId, connectedAt, requestTimeEpoch: Date.now(), requestId: 'r' }
    const answer = await answerTo({ body, requestContext }).catch(() => {
      return JSON.stringify({ message: 'Internal server error', connectionId, requestId: 'r' })
    })
    if (answer !== undefined && connection.line === 'good' && socket.readyState === WebSocket.OPEN) socket.send(answer)
  }

  const answerTo = async (event: unknown): Promise<string | undefined> => {
    if (faults.happens('integrationThrottled')) throw new Error('The integration was throttled.')
    const { body } = await invoke(options.default, event)
    if (faults.happens('integrationFails')) throw new Error('The integration failed.')
    return body
  }

  const end = async (connectionId: string, disconnectStatusCode: number) => {
    const connection = connections.get(connectionId)
    if (!connection) return
    connections.delete(connectionId)
    connection.socket.terminate()
    if (faults.happens('disconnectNeverComes')) {
      unheard.add(connectionId)
      return
    }
    const { connectedAt } = connection
    const at = { connectionId, connectedAt, requestTimeEpoch: Date.now(), requestId: 'r' }
    const requestContext = { ...at, disconnectStatusCode }
    await invoke(options.disconnect, { requestContext }).catch(() => unheard.add(connectionId))
  }

  const webSockets = new WebSocketServer({ noServer: true })
  const server = createServer()
  server.on('upgrade', (request, stream, head) => {
    const connectionId = `${randomBytes(11).toString('base64url')}=`
    const connectedAt = Date.now()
    const requestContext = { connectionId, connectedAt, requestTimeEpoch: connectedAt, requestId: 'r' }
    invoke(options.connect, { headers: request.headers, requestContext })
      .then(({ statusCode }) => {
        // `ws` does not report a handshake whose client has left.
        if (statusCode !== 200 || !stream.readable || !stream.writable)
          throw new Error('The connection was refused, or the client has left.')
        webSockets.handleUpgrade(request, stream, head, (socket) => {
          const connection: Connection = { socket, connectedAt, line: 'good' }
          connections.set(connectionId, connection)
          socket.on('message', (data: Buffer) => void onMessage(connectionId, connection, data.toString()))
          socket.on('close', (code) => {
            if (connection.line !== 'dead') void end(connectionId, code) // over a dead line the close never arrives
          })
          socket.on('error', () => undefined)
        })
      })
      .catch(() => {
        unheard.add(connectionId)
        stream.destroy()
      })
  })

  /** @returns the status of a post, which may change the state of the line */
  const post = (connectionId: string, connection: Connection, body: string): number => {
    if (connection.line === 'good' && faults.happens('lineDies')) {
      connection.line = 'dead'
      setTimeout(() => void end(connectionId, 1001), deadMs).unref()
    }
    if (connection.line === 'good' && faults.happens('readerStalls')) connection.line = 'full'
    if (connection.line === 'good') connection.socket.send(body)
    return connection.line === 'full' ? 429 : 200
  }

  const { endpoint, close } = await listen(server, 0)
  return {
    webSocketUrl: endpoint.replace('http:', 'ws:'),
    unheard,
    underWay: () => underWay,
    connections({ method, connectionId, body, gone }) {
      const connection = connections.get(connectionId)
      const isOpen = connection?.line === 'dead' || connection?.socket.readyState === WebSocket.OPEN
      if (connection && gone) void end(connectionId, 1006)
      if (!connection || gone || !isOpen) return 410
      if (method !== 'DELETE') return post(connectionId, connection, body)
      if (connection.line === 'dead') void end(connectionId, 1000)
      else connection.socket.close(1000, 'Connection Closed Normally') // always, according to "aws/chalice#2060"
      return 204
    },
    close: async () => {
      for (const { socket } of connections.values()) socket.terminate()
      await close()
    },
  }
}
