import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createSecureServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { join } from 'node:path'
import type { Socket } from 'node:net'

/** A request to @connections: the POST of a frame, or a DELETE. */
export interface Post {
  readonly method: string
  readonly connectionId: string
  readonly path: string
  readonly body: string
  readonly headers: IncomingMessage['headers']
  /** The TCP connection of the request, below TLS. */
  readonly socket: Socket
}

/** Answers a request. A test may set its own. */
export type Behaviour = (post: Post, response: ServerResponse) => void

/** `h2` is HTTP/2 over TLS, for clients that offer it. */
export type Scheme = 'http' | 'https' | 'h2'

export interface ConnectionsServer {
  readonly callbackUrl: string
  readonly posts: readonly Post[]
  /** The number of TCP connections so far. */
  readonly connections: () => number
  behaviour: Behaviour
  /** Resolves when at least `count` requests have arrived. */
  readonly arrived: (count: number) => Promise<void>
  readonly close: () => Promise<void>
}

const file = (name: string) => readFileSync(join(__dirname, name), 'utf8')
/** A certificate for localhost that only these tests trust. */
export const certificate = file('localhost.crt')

/**
 * Starts an @connections API. It records each request, and answers with the current `behaviour`. The caller closes it.
 */
export async function startConnectionsServer(scheme: Scheme = 'http'): Promise<ConnectionsServer> {
  const posts: Post[] = []
  const waiting = new Set<() => void>()
  const sockets = new Map<number | undefined, Socket>()
  let opened = 0
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      const path = request.url ?? ''
      const connectionId = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1))
      const socket = sockets.get(request.socket.remotePort) ?? request.socket
      const post = { method: request.method ?? '', connectionId, path, body, headers: request.headers, socket }
      posts.push(post)
      started.behaviour(post, response)
      for (const check of waiting) check()
    })
  }
  const server = createServer(scheme, listener)
  server.on('connection', (socket: Socket) => {
    opened++
    sockets.set(socket.remotePort, socket)
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  const started: ConnectionsServer = {
    callbackUrl: `${scheme === 'http' ? 'http' : 'https'}://localhost:${address.port}/dev`,
    posts,
    connections: () => opened,
    behaviour: accept,
    arrived: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (posts.length < count) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
    close: async () => {
      server.close()
      for (const socket of sockets.values()) socket.destroy()
      await once(server, 'close')
    },
  }
  return started
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

function createServer(scheme: Scheme, listener: Listener) {
  if (scheme === 'http') return createHttpServer(listener)
  const tls = { key: file('localhost.key'), cert: certificate }
  if (scheme === 'https') return createHttpsServer(tls, listener)
  // The listener uses only members that requests and responses of HTTP/2 have, too.
  const compatible = listener as unknown as (request: Http2ServerRequest, response: Http2ServerResponse) => void
  return createHttp2Server({ ...tls, allowHTTP1: true }, compatible)
}

/** Answers 200, as API Gateway does if it accepts a frame. */
export const accept: Behaviour = (_post, response) => {
  response.writeHead(200, { 'content-length': 0 }).end()
}

/** Answers with this status, and a body like that of API Gateway's errors. */
export function answering(status: number, message = 'no'): Behaviour {
  return (_post, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }))
  }
}
