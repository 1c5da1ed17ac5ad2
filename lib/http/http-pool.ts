import { fullJitterMs } from '../backoff'
import type { Connection, Exchange } from './connection'
import { dial } from './dial'
import { Http1Connection } from './http1/connection'
import { Http2Connection } from './http2/connection'
import { type HttpRequest, HttpRequestError, type HttpResponse } from './http-message'

/** Options of a pool of connections. Times are in milliseconds. */
export interface HttpPoolOptions {
  /** Scheme, host and port of the server: `https:` or `http:`. */
  readonly origin: URL
  /** Maximum number of connections. Requests beyond their capacity wait in order. */
  readonly maxConnections: number
  /**
   * For establishing a connection, including its TLS handshake. A request waits no longer than this before it is sent.
   */
  readonly connectTimeoutMs: number
  /** From sending a request to the end of its response. */
  readonly responseTimeoutMs: number
  /** Whether to offer HTTP/2 to the server. Without TLS, it is always HTTP/1.1. */
  readonly http2?: boolean
  /**
   * A connection that was idle for longer is not reused, because it may have been closed while the Lambda was frozen.
   */
  readonly maxIdleMs?: number
  /** Certificates to trust instead of Node's own. */
  readonly ca?: string
  readonly now?: () => number
}

export type HttpVersion = '1.1' | '2'

/** Connections to one server. */
export interface HttpPool {
  /** The version that the server chose for the last connection; undefined before the first one. */
  readonly httpVersion: HttpVersion | undefined
  /**
   * Sends one request and resolves with any answer. A request is sent again
   * - once, if the server ended a used connection before it answered, as it may between two requests (RFC 9112, section
   *   9.5). So it must be idempotent;
   * - until the connect time-out, if the server says that it has not processed it (RFC 9113, sections 6.8 and 8.7).
   *
   * Settles within the connect and the response time-out together. Rejects with an HttpRequestError.
   */
  send(request: HttpRequest): Promise<HttpResponse>
  /**
   * Opens the first connection before there is a request, unless there is one. A failure is ignored: a request opens a
   * connection of its own.
   */
  preconnect(): void
  /** Closes the connections and rejects the requests under way. A later request opens a connection again. */
  close(): void
}

/** More at once would delay the first responses: a handshake takes as much CPU time as dozens of requests. */
const maxDialling = 8

/**
 * Pauses before an unprocessed request is resent. They start short, because most come from one connection that ends.
 */
const refusedPauses = { baseMs: 5, maxMs: 200 }

/** How long HTTP/1.1 is used with a server that violated HTTP/2. */
const brokenMs = 60_000

/** A connection that is not open yet. */
interface Attempt {
  /** The last request that it was opened for. */
  readonly serial: number
  giveUp: () => void
}

/**
 * An HTTP client for fan-outs: thousands of small requests to one host, with as little as possible between a request
 * and its socket. Connections are opened on demand and kept.
 *
 * Over HTTP/2, one connection carries as many requests at a time as the server allows, and what is sent in one turn of
 * the event loop goes out in one write: a third of the CPU time of HTTP/1.1.
 */
export function createHttpPool(options: HttpPoolOptions): HttpPool {
  const { origin, maxConnections, connectTimeoutMs, responseTimeoutMs, maxIdleMs = 20_000, now = Date.now } = options
  const { host } = origin
  const mayHttp2 = options.http2 === true && origin.protocol === 'https:'
  let waiting: Exchange[] = []
  /** Unprocessed requests that pause before they are sent again. */
  const pausing = new Set<Exchange>()
  /** Contains every connection with capacity, and some without. */
  const free: Connection[] = []
  const open = new Set<Connection>()
  const dialling = new Set<Attempt>()
  let serial = 0
  let brokenUntilMs = -Infinity
  /** 1 as long as the first connection may suffice for all requests. */
  let dialsAtOnce = mayHttp2 ? 1 : maxDialling
  let session: Buffer | undefined
  let httpVersion: HttpVersion | undefined
  let waitingTimer: NodeJS.Timeout | undefined

  /** Sends waiting requests as far as connections have capacity, and opens more. Called after each change. */
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
      first.reject(new HttpRequestError('timeout', `No connection to ${host} was free within ${connectTimeoutMs} ms.`))
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
    const place = waiting.findIndex(({ serial }) => serial > exchange.serial)
    waiting.splice(place < 0 ? waiting.length : place, 0, exchange)
    forgetTimer() // which may be for a later request
    dispatch()
  }

  const openConnection = () => {
    const attempt: Attempt = { serial, giveUp: () => undefined }
    let isBroken = false
    const events = {
      host,
      responseTimeoutMs,
      settingsTimeoutMs: connectTimeoutMs / 2, // so that HTTP/1.1 can be tried in time
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

  /** Rejects the requests that the failed connection was for, unless another may serve them. */
  const onConnectFailed = (attempt: Attempt, error: HttpRequestError) => {
    if (open.size + dialling.size > 0) return
    const failed = waiting.filter((exchange) => exchange.serial <= attempt.serial)
    waiting = waiting.filter((exchange) => exchange.serial > attempt.serial)
    for (const exchange of failed) exchange.reject(error)
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
