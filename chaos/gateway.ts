import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { listen } from '../local/stand-in'
import type { Faults } from './faults'
import type { LambdaFunction } from './lambda'
import type { ConnectionsRequest } from './proxy'

export interface GatewayOptions {
  readonly faults: Faults
  readonly connect: LambdaFunction
  readonly default: LambdaFunction
  readonly disconnect: LambdaFunction
}

/** A WebSocket API of API Gateway. */
export interface Gateway {
  readonly webSocketUrl: string
  /** Answers a request to @connections with its status. */
  readonly connections: (request: ConnectionsRequest) => number
  /** Connections whose end no function has heard of, or failed to hear of. */
  readonly unheard: ReadonlySet<string>
  /** How many invocations are under way. */
  readonly underWay: () => number
  readonly close: () => Promise<void>
}

interface RouteAnswer {
  readonly statusCode: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { faults } = options
  const sockets = new Map<string, WebSocket>()
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

  const onMessage = async (connectionId: string, socket: WebSocket, connectedAt: number, body: string) => {
    const requestContext = { connectionId, connectedAt, requestTimeEpoch: Date.now(), requestId: 'r' }
    try {
      const answer = await invoke(options.default, { body, requestContext })
      if (answer.body !== undefined && socket.readyState === WebSocket.OPEN) socket.send(answer.body)
    } catch {
      socket.send(JSON.stringify({ message: 'Internal server error', connectionId, requestId: 'r' }))
    }
  }

  const onClose = async (connectionId: string, connectedAt: number, disconnectStatusCode: number) => {
    sockets.delete(connectionId)
    if (faults.happens('disconnectNeverComes')) {
      unheard.add(connectionId)
      return
    }
    const requestContext = {
      connectionId,
      connectedAt,
      requestTimeEpoch: Date.now(),
      requestId: 'r',
      disconnectStatusCode,
    }
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
        if (statusCode !== 200 || !stream.readable) throw new Error('It is refused, or has left meanwhile.')
        webSockets.handleUpgrade(request, stream, head, (socket) => {
          sockets.set(connectionId, socket)
          socket.on('message', (data: Buffer) => void onMessage(connectionId, socket, connectedAt, data.toString()))
          socket.on('close', (code) => void onClose(connectionId, connectedAt, code))
          socket.on('error', () => undefined)
        })
      })
      .catch(() => {
        unheard.add(connectionId)
        stream.destroy()
      })
  })

  const { endpoint, close } = await listen(server, 0)
  return {
    webSocketUrl: endpoint.replace('http:', 'ws:'),
    unheard,
    underWay: () => underWay,
    connections({ method, connectionId, body, gone }) {
      const socket = sockets.get(connectionId)
      if (gone) socket?.terminate()
      if (gone || socket?.readyState !== WebSocket.OPEN) return 410
      if (method === 'DELETE')
        socket.close(1000, 'Connection Closed Normally') // always, says "aws/chalice#2060"
      else socket.send(body)
      return method === 'DELETE' ? 204 : 200
    },
    close: async () => {
      for (const socket of sockets.values()) socket.terminate()
      await close()
    },
  }
}
