import type { Connection, Exchange } from './connection'
import { dial } from './dial'
import { Http1Connection } from './http1/connection'
import { Http2Connection } from './http2/connection'
import { type HttpRequest, HttpRequestError, type HttpResponse } from './http-message'

/** How a pool of connections behaves. Times are in milliseconds. */
export interface HttpPoolOptions {
  /** Scheme, host and port of the server: `https:` or `http:`. */
  readonly origin: URL
  /** Connections at most; requests beyond what they carry wait in their order. */
  readonly maxConnections: number
  /** For a connection to be made, its TLS handshake included. */
  readonly connectTimeoutMs: number
  /** For a response to be there as a whole, from the moment that its request is sent. */
  readonly responseTimeoutMs: number
  /** Whether to speak HTTP/2 to a server that does. Over plain HTTP it is HTTP/1.1 always. */
  readonly http2?: boolean
  /** A connection that was idle for longer is not used again: API Gateway may have closed it while the Lambda was frozen. */
  readonly maxIdleMs?: number
  /** Certificates to trust instead of Node's own. */
  readonly ca?: string
  readonly now?: () => number
}

/** Connections to one server. */
export interface HttpPool {
  /**
   * Sends one request and resolves with whatever the server answers. It is sent again, once, on a new connection if the server
   * closed a used one before it answered: between two requests it may do so at any time (RFC 9112, section 9.5). So what is sent
   * must bear to be done twice.
   *
   * Rejects with a HttpRequestError.
   */
  send(request: HttpRequest): Promise<HttpResponse>
  /**
   * Opens a first connection before there is a request, so that both need not wait for one another. If that fails, nobody hears of it:
   * a request opens its own. Does nothing if there is a connection.
   */
  preconnect(): void
  /** Drops the connections. Requests under way are rejected. */
  close(): void
}

/** More at once make the first answers later: each handshake costs as much processor time as dozens of requests. */
const maxDialling = 8

/**
 * A client for HTTP and nothing more, with as little between a request and its socket as there can be: a fan-out is thousands of
 * small requests to one host. Connections are opened when they are needed, kept, and used last in, first out.
 *
 * Over HTTP/2 one connection carries a hundred requests at a time, and what is sent in one turn of the event loop goes out at
 * once: a quarter of the processor time of a request of its own. A server that offers HTTP/2 and breaks its rules is spoken to
 * in HTTP/1.1 from then on.
 */
export function createHttpPool(options: HttpPoolOptions): HttpPool {
  const { origin, maxConnections, maxIdleMs = 20_000, now = Date.now } = options
  const waiting: Exchange[] = []
  /** Among them all that can take a request. The one that was used last is last. */
  const free: Connection[] = []
  const open = new Set<Connection>()
  const dialling = new Set<() => void>()
  let offersHttp2 = options.http2 === true && origin.protocol === 'https:'
  /** As long as the first connection may turn out to be all that is needed, others wait for it. */
  let dialsAtOnce = offersHttp2 ? 1 : maxDialling
  let session: Buffer | undefined

  const dispatch = () => {
    while (waiting.length > 0) {
      const connection = freeConnection()
      if (!connection) break
      const exchange = waiting.shift()
      if (exchange) connection.run(exchange)
    }
    while (dialling.size < Math.min(waiting.length, dialsAtOnce) && open.size + dialling.size < maxConnections) {
      openConnection()
    }
  }

  const freeConnection = (): Connection | undefined => {
    for (;;) {
      const connection = free.at(-1)
      if (!connection) return undefined
      const { capacity, idleSinceMs } = connection
      if (idleSinceMs !== undefined && now() - idleSinceMs > maxIdleMs) connection.destroy()
      else if (capacity === 0) free.pop()
      else return connection
    }
  }

  const release = (connection: Connection) => {
    while (waiting.length > 0 && connection.capacity > 0) {
      const exchange = waiting.shift()
      if (exchange) connection.run(exchange)
    }
    if (connection.capacity === 0) return
    connection.rest(now())
    if (!free.includes(connection)) free.push(connection)
  }

  /** Whoever has waited longest pays for a connection that was opened for it and failed; the next one tries again. */
  const failLongestWaiting = (error: HttpRequestError) => waiting.shift()?.reject(error)

  const openConnection = (onFailure = failLongestWaiting) => {
    const giveUp = dial({
      ...options,
      offersHttp2,
      session,
      onSession: (ticket) => (session = ticket),
      onOpen: (socket, isHttp2) => {
        dialsAtOnce = isHttp2 ? 1 : maxDialling
        const onReady = () => dialling.delete(giveUp)
        const events = { onFree: release, onUnsent, onClosed, onReady, onBroken }
        const connectionOptions = { ...events, socket, host: origin.host, responseTimeoutMs: options.responseTimeoutMs }
        const connection = isHttp2 ? new Http2Connection(connectionOptions) : new Http1Connection(connectionOptions)
        open.add(connection)
        if (isHttp2) return
        onReady()
        release(connection)
        dispatch()
      },
      onFailed: (error) => {
        dialling.delete(giveUp)
        dialsAtOnce = maxDialling
        onFailure(error)
        dispatch()
      },
    })
    dialling.add(giveUp)
  }

  const onUnsent = (exchange: Exchange) => {
    exchange.isRepeated = true
    waiting.unshift(exchange)
    dispatch()
  }

  const onClosed = (connection: Connection) => {
    open.delete(connection)
    const index = free.indexOf(connection)
    if (index >= 0) free.splice(index, 1)
    dispatch()
  }

  const onBroken = () => {
    offersHttp2 = false
    dialsAtOnce = maxDialling
  }

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        const exchange: Exchange = { request, resolve, reject, isRepeated: false }
        const connection = waiting.length === 0 ? freeConnection() : undefined
        if (connection) {
          connection.run(exchange)
          return
        }
        waiting.push(exchange)
        dispatch()
      }),
    preconnect: () => {
      if (open.size + dialling.size === 0) openConnection(() => undefined)
    },
    close: () => {
      const error = new HttpRequestError('closed', `The connections to ${origin.host} were closed.`)
      for (const { reject } of waiting.splice(0)) reject(error)
      for (const giveUp of dialling) giveUp()
      for (const connection of open) connection.destroy()
    },
  }
}
