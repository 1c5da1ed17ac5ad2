import { fullJitterMs } from '../backoff'
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
  /** For a connection to be made, its TLS handshake included. A request waits no longer than that before it is sent. */
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

export type HttpVersion = '1.1' | '2'

/** Connections to one server. */
export interface HttpPool {
  /** What the server chose when the last connection was made; undefined before there was one. */
  readonly httpVersion: HttpVersion | undefined
  /**
   * Sends one request and resolves with whatever the server answers. It is sent again over another connection
   * - once if the server ended a used connection before it answered, as it may at any time between two requests (RFC 9112, section
   *   9.5). So what is sent must be idempotent.
   * - until the connect time-out is over, with growing pauses, if the server says that it has not processed it (RFC 9113, sections
   *   6.8 and 8.7).
   *
   * Settles within the connect and the response time-out together. Rejects with a HttpRequestError.
   */
  send(request: HttpRequest): Promise<HttpResponse>
  /**
   * Opens a first connection before there is a request, so that both need not wait for one another. If that fails, nobody hears of it:
   * a request opens its own. Does nothing if there is a connection.
   */
  preconnect(): void
  /** Drops the connections. Requests under way are rejected; one that is sent later opens a connection again. */
  close(): void
}

/** More at once make the first answers later: each handshake costs as much processor time as dozens of requests. */
const maxDialling = 8

/** Before a refused request is sent again: short for a server that ends a connection, and no flood for one that refuses everything. */
const refusedPauses = { baseMs: 5, maxMs: 200 }

/** A server that has broken the rules of HTTP/2 is spoken to in HTTP/1.1 for as long. */
const brokenMs = 60_000

/** A connection that is not there yet. */
interface Attempt {
  /** The last request that it was begun for. */
  readonly serial: number
  giveUp: () => void
}

/**
 * A client for HTTP and nothing more, with as little between a request and its socket as there can be: a fan-out is thousands of
 * small requests to one host. Connections are opened when they are needed and kept.
 *
 * Over HTTP/2 one connection carries as many requests at a time as the server takes, and what is sent in one turn of the event loop
 * goes out at once: a third of the processor time of a connection for each.
 */
export function createHttpPool(options: HttpPoolOptions): HttpPool {
  const { origin, maxConnections, connectTimeoutMs, responseTimeoutMs, maxIdleMs = 20_000, now = Date.now } = options
  const { host } = origin
  const mayHttp2 = options.http2 === true && origin.protocol === 'https:'
  let waiting: Exchange[] = []
  /** Refused requests that pause before they are sent again. */
  const pausing = new Set<Exchange>()
  /** Among them all that can take a request. */
  const free: Connection[] = []
  const open = new Set<Connection>()
  const dialling = new Set<Attempt>()
  let serial = 0
  let brokenUntilMs = -Infinity
  /** As long as the first connection may turn out to be all that is needed, others wait for it. */
  let dialsAtOnce = mayHttp2 ? 1 : maxDialling
  let session: Buffer | undefined
  let httpVersion: HttpVersion | undefined
  let waitingTimer: NodeJS.Timeout | undefined

  /** Sends what waits, as far as there are connections, and opens more. Called whenever something has changed. */
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
    const [first] = waiting
    if (first) waitingTimer ??= setTimeout(rejectLate, first.sinceMs + connectTimeoutMs - now())
    else if (waitingTimer) forgetTimer()
  }

  const forgetTimer = () => {
    clearTimeout(waitingTimer)
    waitingTimer = undefined
  }

  const rejectLate = () => {
    forgetTimer()
    const [first] = waiting
    if (first && isLate(first)) {
      waiting.shift()
      first.reject(new HttpRequestError('timeout', `There was no connection to ${host} in ${connectTimeoutMs} ms.`))
      rejectLate()
    } else dispatch()
  }

  const isLate = ({ sinceMs }: Exchange, atMs = now()) => atMs - sinceMs >= connectTimeoutMs

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

  const onChanged = (connection: Connection) => {
    if (connection.capacity > 0 && !free.includes(connection)) free.push(connection)
    dispatch()
    connection.markIdle(now())
  }

  const onRetryable = (exchange: Exchange, error: HttpRequestError) => {
    if (error.reason === 'unprocessed') sendRefused(exchange, error)
    else sendLost(exchange, error)
  }

  const sendLost = (exchange: Exchange, error: HttpRequestError) => {
    if (exchange.isRepeated || isLate(exchange)) {
      exchange.reject(error)
      return
    }
    exchange.isRepeated = true
    // A connection that was idle as long as the lost one is probably lost as well.
    for (const connection of free.filter(({ idleSinceMs }) => idleSinceMs !== undefined)) connection.destroy()
    waitAgain(exchange)
  }

  const sendRefused = (exchange: Exchange, error: HttpRequestError) => {
    const pauseMs = fullJitterMs({ attempt: ++exchange.refusals, ...refusedPauses })
    if (isLate(exchange, now() + pauseMs)) {
      exchange.reject(error)
      return
    }
    pausing.add(exchange)
    setTimeout(() => {
      if (pausing.delete(exchange)) waitAgain(exchange)
    }, pauseMs)
  }

  const waitAgain = (exchange: Exchange) => {
    waiting.unshift(exchange)
    dispatch()
  }

  const openConnection = () => {
    const attempt: Attempt = { serial, giveUp: () => undefined }
    let isBroken = false
    const events = {
      host,
      responseTimeoutMs,
      settingsTimeoutMs: connectTimeoutMs / 2, // then there is time left for HTTP/1.1
      onChanged,
      onRetryable,
      onReady: (connection: Connection) => {
        dialling.delete(attempt)
        open.add(connection)
        onChanged(connection)
      },
      onBroken: () => {
        isBroken = true
        brokenUntilMs = now() + brokenMs
        dialsAtOnce = maxDialling
      },
      onClosed: (connection: Connection, error: HttpRequestError) => {
        dialling.delete(attempt)
        open.delete(connection)
        const index = free.indexOf(connection)
        if (index >= 0) free.splice(index, 1)
        if (isBroken || connection.isUsed) dispatch()
        else onConnectFailed(attempt, error)
      },
    }
    dialling.add(attempt)
    attempt.giveUp = dial({
      ...options,
      offersHttp2: mayHttp2 && now() >= brokenUntilMs,
      session,
      onSession: (ticket) => (session = ticket),
      onOpen: (socket, isHttp2) => {
        httpVersion = isHttp2 ? '2' : '1.1'
        dialsAtOnce = isHttp2 ? 1 : maxDialling
        const connection = isHttp2
          ? new Http2Connection({ ...events, socket })
          : new Http1Connection({ ...events, socket })
        attempt.giveUp = () => {
          connection.destroy()
        }
        if (!isHttp2) events.onReady(connection)
      },
      onFailed: (error) => {
        dialling.delete(attempt)
        dialsAtOnce = maxDialling
        onConnectFailed(attempt, error)
      },
    })
  }

  /** A connection came to nothing. Unless others may still serve them, those that it was begun for are told; it is begun anew for the rest. */
  const onConnectFailed = (attempt: Attempt, error: HttpRequestError) => {
    if (open.size + dialling.size > 0) return
    const told = waiting.filter((exchange) => exchange.serial <= attempt.serial)
    waiting = waiting.filter((exchange) => exchange.serial > attempt.serial)
    for (const exchange of told) exchange.reject(error)
    dispatch()
  }

  return {
    get httpVersion() {
      return httpVersion
    },
    send: (request) =>
      new Promise((resolve, reject) => {
        const exchange: Exchange = {
          request,
          resolve,
          reject,
          serial: ++serial,
          sinceMs: now(),
          isRepeated: false,
          refusals: 0,
        }
        const connection = waiting.length === 0 ? freeConnection() : undefined
        if (connection) {
          connection.run(exchange)
          return
        }
        waiting.push(exchange)
        dispatch()
      }),
    preconnect: () => {
      if (open.size + dialling.size === 0) openConnection()
    },
    close: () => {
      const error = new HttpRequestError('dropped', `The connections to ${host} were closed.`)
      for (const { reject } of [...waiting.splice(0), ...pausing]) reject(error)
      pausing.clear()
      for (const { giveUp } of dialling) giveUp()
      for (const connection of open) connection.destroy()
      dispatch()
    },
  }
}
