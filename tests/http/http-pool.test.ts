import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import type { HttpRequest } from '../../lib/http/http-message'
import { createHttpPool, type HttpPool } from '../../lib/http/http-pool'
import { until } from '../support/until'

const support = join(__dirname, '..', 'publisher', 'support')
const key = readFileSync(join(support, 'localhost.key'), 'utf8')
const ca = readFileSync(join(support, 'localhost.crt'), 'utf8')
const request: HttpRequest = {
  method: 'GET',
  path: '/',
  shared: [['host', 'localhost']],
  own: [],
  body: '',
  bodyBytes: 0,
}

let server: Server
let pool: HttpPool
let connections: number
let nowMs: number
/** Is called with each TCP connection, before its TLS handshake. */
let onConnection: (socket: Socket) => void
/** Is called with the connection of each request. */
let onRequest: (socket: Socket) => void
/** Responses are held back until there are this many. */
let heldUntil: number
const held: ServerResponse[] = []
/** The HTTP versions of the requests, and the connections that had a request. */
const versions: string[] = []
const sockets = new Set<Socket>()

beforeEach(async () => {
  connections = 0
  nowMs = 0
  versions.length = 0
  held.length = 0
  sockets.clear()
  heldUntil = 1
  onConnection = accept
  onRequest = () => undefined
  server = createServer((socket) => {
    connections++
    onConnection(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const origin = new URL(`https://localhost:${port}`)
  const times = { connectTimeoutMs: 2_000, responseTimeoutMs: 2_000, maxIdleMs: 20_000, now: () => nowMs }
  pool = createHttpPool({ origin, ca, http2: true, maxConnections: 5, ...times })
})
afterEach(async () => {
  pool.close()
  server.close()
  await once(server, 'close')
})

const https = createHttpsServer({ key, cert: ca }, (incoming, response) => {
  versions.push(incoming.httpVersion)
  onRequest(incoming.socket)
  sockets.add(incoming.socket)
  held.push(response)
  if (held.length >= heldUntil) for (const each of held.splice(0)) each.end('hello')
})
function accept(socket: Socket): void {
  https.emit('connection', socket)
}

it('preconnects one connection, which the first request uses', async () => {
  pool.preconnect()
  pool.preconnect()
  await once(server, 'connection')
  expect(await pool.send(request)).toMatchObject({ status: 200, body: 'hello' })
  expect(connections).toBe(1)
})

it('opens another connection if the preconnect fails, without failing the request', async () => {
  onConnection = (socket) => {
    onConnection = accept
    socket.destroy()
  }
  pool.preconnect()
  expect(await pool.send(request)).toMatchObject({ status: 200, body: 'hello' })
  expect(connections).toBe(2)
})

it('rejects a request if the connection opened for it fails', async () => {
  onConnection = (socket) => socket.destroy()
  await expect(pool.send(request)).rejects.toThrow(/unreachable|closed/)
})

it('uses one HTTP/1.1 connection per concurrent request if the server does not offer HTTP/2', async () => {
  heldUntil = 3
  await Promise.all([pool.send(request), pool.send(request), pool.send(request)])
  expect(versions).toEqual(['1.1', '1.1', '1.1'])
  expect(pool.httpVersion).toBe('1.1')
  expect(connections).toBe(3)
})

it('does not reuse a connection that was idle for more than 20 s', async () => {
  await pool.send(request)
  nowMs += 20_000
  await pool.send(request)
  expect(connections).toBe(1)
  nowMs += 20_001
  await pool.send(request)
  expect(connections).toBe(2)
})

it('does not reuse connections that were idle as long as one that turned out to be closed', async () => {
  heldUntil = 3
  await Promise.all([pool.send(request), pool.send(request), pool.send(request)])
  heldUntil = 1
  const old = new Set(sockets)
  onRequest = (socket) => {
    if (old.has(socket)) socket.destroy()
  }
  expect(await pool.send(request)).toMatchObject({ status: 200 })
  expect(versions).toHaveLength(5)
  expect(connections).toBe(4)
})

it('does not repeat a request that has waited too long', async () => {
  await pool.send(request)
  onRequest = (socket) => {
    nowMs += 2_000
    socket.destroy()
  }
  await expect(pool.send(request)).rejects.toMatchObject({ reason: 'closed' })
  expect(versions).toHaveLength(2)
})

it('lets a request wait for an existing connection if the one opened for it has failed', async () => {
  heldUntil = Infinity
  const first = pool.send(request)
  await until(
    () => Promise.resolve(held.length),
    (count) => count === 1,
  )
  onConnection = (socket) => socket.destroy()
  const second = pool.send(request)
  await once(server, 'connection')
  heldUntil = 1
  for (const response of held.splice(0)) response.end('hello')
  expect(await Promise.all([first, second])).toMatchObject([{ status: 200 }, { status: 200 }])
  expect(versions).toHaveLength(2)
})
