import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { type HttpResponse, ResponseParser } from './response-parser'

/** How a pool of connections behaves. Times are in milliseconds. */
export interface HttpPoolOptions {
  /** Scheme, host and port of the server: `https:` or `http:`. */
  readonly origin: URL
  /** Connections at most; requests beyond wait for one in their order. */
  readonly maxConnections: number
  /** For a connection to be made, its TLS handshake included. */
  readonly connectTimeoutMs: number
  /** For a response to be there as a whole, from the moment that its request is sent. */
  readonly responseTimeoutMs: number
  /** A connection that was idle for longer is not used again: API Gateway may have closed it while the Lambda was frozen. */
  readonly maxIdleMs?: number
  /** Certificates to trust instead of Node's own. */
  readonly ca?: string
  readonly now?: () => number
}

/** A request was not answered. */
export class HttpRequestError extends Error {
  override readonly name = 'HttpRequestError'
  readonly reason: 'timeout' | 'unreachable' | 'closed' | 'malformed'

  constructor(reason: HttpRequestError['reason'], message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

/** Connections to one server. */
export interface HttpPool {
  /**
   * Sends one request, as the bytes that go over the wire, and resolves with whatever the server answers. It is sent again,
   * once, on a new connection if the server closed a used one before it answered anything: between two requests it may do so
   * at any time (RFC 9112, section 9.5). So what is sent must bear to be done twice.
   *
   * Rejects with a HttpRequestError.
   */
  send(request: string): Promise<HttpResponse>
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
 * A client for HTTP/1.1 and nothing more, with as little between a request and its socket as there can be: a fan-out is
 * thousands of small requests to one host. Connections are opened when they are needed, kept, and used last in, first out.
 */
export function createHttpPool(options: HttpPoolOptions): HttpPool {
  const { origin, maxConnections, maxIdleMs = 20_000, now = Date.now } = options
  const waiting: Exchange[] = []
  const idle: Connection[] = []
  const open = new Set<Connection>()
  let dialling = 0
  let session: Buffer | undefined

  const dispatch = () => {
    while (waiting.length > 0) {
      const connection = takeIdle()
      if (!connection) break
      const exchange = waiting.shift()
      if (exchange) connection.run(exchange)
    }
    while (dialling < Math.min(waiting.length, maxDialling) && open.size < maxConnections) dial()
  }

  /** Whoever has waited longest pays for a connection that was opened for it and failed; the next one tries again. */
  const failLongestWaiting = (error: HttpRequestError) => waiting.shift()?.reject(error)

  const takeIdle = (): Connection | undefined => {
    for (;;) {
      const connection = idle.pop()
      if (!connection || now() - connection.idleSinceMs <= maxIdleMs) return connection
      connection.destroy()
    }
  }

  const dial = (onFailure = failLongestWaiting) => {
    dialling++
    const connection = new Connection({
      ...options,
      session,
      onReady: () => {
        dialling--
        release(connection)
      },
      onFree: release,
      onSession: (ticket) => (session = ticket),
      onUnsent: (exchange) => {
        waiting.unshift(exchange)
        dispatch()
      },
      onClosed: ({ wasReady, error }) => {
        open.delete(connection)
        const index = idle.indexOf(connection)
        if (index >= 0) idle.splice(index, 1)
        if (!wasReady) {
          dialling--
          onFailure(error)
        }
        dispatch()
      },
    })
    open.add(connection)
  }

  const release = (connection: Connection) => {
    const exchange = waiting.shift()
    if (exchange) {
      connection.run(exchange)
      return
    }
    connection.rest(now())
    idle.push(connection)
  }

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        const exchange: Exchange = { request, resolve, reject, isRepeated: false }
        const connection = waiting.length === 0 ? takeIdle() : undefined
        if (connection) {
          connection.run(exchange)
          return
        }
        waiting.push(exchange)
        dispatch()
      }),
    preconnect: () => {
      if (open.size === 0) dial(() => undefined)
    },
    close: () => {
      const error = new HttpRequestError('closed', `The connections to ${origin.host} were closed.`)
      for (const { reject } of waiting.splice(0)) reject(error)
      for (const connection of open) connection.destroy()
    },
  }
}

interface Exchange {
  readonly request: string
  readonly resolve: (response: HttpResponse) => void
  readonly reject: (error: HttpRequestError) => void
  /** Whether it has been sent before, over a connection that the server closed. */
  isRepeated: boolean
}

interface ConnectionOptions extends HttpPoolOptions {
  readonly session: Buffer | undefined
  readonly onReady: () => void
  readonly onFree: (connection: Connection) => void
  readonly onSession: (ticket: Buffer) => void
  /** The exchange can be sent again on another connection. */
  readonly onUnsent: (exchange: Exchange) => void
  readonly onClosed: (how: { readonly wasReady: boolean; readonly error: HttpRequestError }) => void
}

/** One connection, which carries one exchange at a time. */
class Connection {
  idleSinceMs = 0
  readonly #options: ConnectionOptions
  readonly #socket: Socket
  #timer: NodeJS.Timeout
  #exchange: Exchange | undefined
  #parser = new ResponseParser()
  #isReady = false
  #isClosed = false
  #isUsed = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    const { origin, connectTimeoutMs } = options
    this.#socket = openSocket(options)
    this.#timer = setTimeout(() => {
      this.#fail(new HttpRequestError('timeout', `${origin.host} did not take a connection in ${connectTimeoutMs} ms.`))
    }, connectTimeoutMs)
    this.#socket
      .setNoDelay(true)
      .once(origin.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        this.#becomeReady()
      })
      .on('data', (chunk) => {
        this.#read(chunk)
      })
      .on('session', options.onSession)
      .on('end', () => {
        this.#end()
      })
      .on('error', (error) => {
        this.#fail(connectionError({ origin, isReady: this.#isReady, error }))
      })
      .on('close', () => {
        this.#fail(new HttpRequestError('closed', `${origin.host} closed the connection before it answered.`))
      })
  }

  run(exchange: Exchange): void {
    this.#exchange = exchange
    this.#socket.ref()
    this.#timer.refresh()
    this.#socket.write(exchange.request)
  }

  /** Waits for the next exchange. It does not keep the process alive. */
  rest(nowMs: number): void {
    this.idleSinceMs = nowMs
    this.#socket.unref()
  }

  destroy(): void {
    this.#fail(new HttpRequestError('closed', 'The connection was dropped.'))
  }

  #becomeReady(): void {
    clearTimeout(this.#timer)
    const { origin, responseTimeoutMs } = this.#options
    // Begun anew by each exchange, which is cheaper than a timer for each. Between two it may run out: that is no matter.
    this.#timer = setTimeout(() => {
      if (!this.#exchange) return
      this.#fail(new HttpRequestError('timeout', `${origin.host} did not answer in ${responseTimeoutMs} ms.`))
    }, responseTimeoutMs).unref()
    this.#isReady = true
    this.#options.onReady()
  }

  #read(chunk: Buffer): void {
    if (!this.#exchange) {
      this.#fail(new HttpRequestError('malformed', 'A response came that nobody had asked for.'))
      return
    }
    try {
      const response = this.#parser.push(chunk)
      if (response) this.#settle(this.#exchange, response)
    } catch (error) {
      this.#fail(new HttpRequestError('malformed', error instanceof Error ? error.message : String(error), error))
    }
  }

  #end(): void {
    const response = this.#exchange && this.#parser.end()
    if (this.#exchange && response) this.#settle(this.#exchange, response)
    this.#fail(new HttpRequestError('closed', `${this.#options.origin.host} closed the connection before it answered.`))
  }

  #settle(exchange: Exchange, response: HttpResponse): void {
    this.#exchange = undefined
    this.#parser = new ResponseParser()
    this.#isUsed = true
    if (response.reusable) this.#options.onFree(this)
    else this.destroy()
    exchange.resolve(response)
  }

  /** The connection's only end: every way of losing it leads here, the first one counts. */
  #fail(error: HttpRequestError): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#socket.destroy()
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#options.onClosed({ wasReady: this.#isReady, error })
    if (!exchange) return
    if (error.reason === 'closed' && this.#isUsed && !this.#parser.started && !exchange.isRepeated) {
      exchange.isRepeated = true
      this.#options.onUnsent(exchange)
    } else exchange.reject(error)
  }
}

function openSocket({ origin, session, ca }: ConnectionOptions): Socket | TLSSocket {
  const host = origin.hostname.replace(/^\[|\]$/g, '')
  if (origin.protocol === 'http:') return connectTcp({ host, port: Number(origin.port || 80) })
  return connectTls({
    host,
    port: Number(origin.port || 443),
    servername: /^[\d.:]+$/.test(host) || host.includes(':') ? '' : host,
    ALPNProtocols: ['http/1.1'],
    // A resumed session spares the check of the certificate: a third of a handshake.
    ...(session && { session }),
    secureContext: secureContextFor(ca),
  })
}

const secureContexts = new Map<string | undefined, SecureContext>()

/** Node would make one for each connection, which costs as much as the handshake. */
function secureContextFor(ca: string | undefined): SecureContext {
  const known = secureContexts.get(ca) ?? createSecureContext(ca === undefined ? {} : { ca })
  secureContexts.set(ca, known)
  return known
}

function connectionError({
  origin,
  isReady,
  error,
}: {
  origin: URL
  isReady: boolean
  error: Error
}): HttpRequestError {
  return isReady
    ? new HttpRequestError('closed', `The connection to ${origin.host} broke: ${error.message}`, error)
    : new HttpRequestError('unreachable', `${origin.host} cannot be reached: ${error.message}`, error)
}
