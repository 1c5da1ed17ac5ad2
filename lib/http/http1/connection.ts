import type { Socket } from 'node:net'
import type { Connection, ConnectionOptions, Exchange } from '../connection'
import { type Header, type HttpRequest, HttpRequestError } from '../http-message'
import { type Http1Response, ResponseParser } from './response-parser'
import { messageOf } from '../../errors'

/** A connection of HTTP/1.1 (RFC 9112). It carries one exchange at a time. */
export class Http1Connection implements Connection {
  idleSinceMs: number | undefined
  isUsed = false
  readonly #options: ConnectionOptions
  readonly #socket: Socket
  readonly #timer: NodeJS.Timeout
  #exchange: Exchange | undefined
  #parser = new ResponseParser()
  #isClosed = false
  #hasAnswered = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    const { socket, host, responseTimeoutMs } = options
    // Each exchange restarts it, which is cheaper than a timer for each. It may fire between two.
    this.#timer = setTimeout(() => {
      if (!this.#exchange) return
      this.#fail(new HttpRequestError('timeout', `${host} did not answer in ${responseTimeoutMs} ms.`))
    }, responseTimeoutMs).unref()
    this.#socket = socket
      .on('data', (chunk) => {
        this.#read(chunk)
      })
      .on('end', () => {
        this.#end()
      })
      .on('error', (error) => {
        this.#fail(new HttpRequestError('closed', `The connection to ${host} broke: ${error.message}`, error))
      })
      .on('close', () => {
        this.#fail(new HttpRequestError('closed', `${host} closed the connection before it answered.`))
      })
  }

  get capacity(): number {
    return this.#exchange || this.#isClosed ? 0 : 1
  }

  run(exchange: Exchange): void {
    this.#exchange = exchange
    this.isUsed = true
    this.idleSinceMs = undefined
    this.#socket.ref()
    this.#timer.refresh()
    this.#socket.write(encode(exchange.request))
  }

  markIdle(nowMs: number): void {
    if (this.#exchange) return
    this.idleSinceMs = nowMs
    this.#socket.unref()
  }

  destroy(): void {
    this.#fail(new HttpRequestError('dropped', 'The connection was dropped.'))
  }

  #read(chunk: Buffer): void {
    if (!this.#exchange) {
      this.#fail(new HttpRequestError('malformed', 'A response came without a request.'))
      return
    }
    try {
      const response = this.#parser.push(chunk)
      if (response) this.#settle(this.#exchange, response)
    } catch (error) {
      this.#fail(new HttpRequestError('malformed', messageOf(error), error))
    }
  }

  #end(): void {
    const response = this.#exchange && this.#parser.end()
    if (this.#exchange && response) this.#settle(this.#exchange, response)
    this.#fail(new HttpRequestError('closed', `${this.#options.host} closed the connection before it answered.`))
  }

  #settle(exchange: Exchange, response: Http1Response): void {
    this.#exchange = undefined
    this.#parser = new ResponseParser()
    this.#hasAnswered = true
    if (response.reusable) this.#options.onChanged(this)
    else this.destroy()
    exchange.resolve(response)
  }

  /** The only end of the connection. The first error counts. */
  #fail(error: HttpRequestError): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#socket.destroy()
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#options.onClosed(this, error)
    if (!exchange) return
    if (error.reason === 'closed' && this.#hasAnswered && !this.#parser.started)
      this.#options.onRetryable(exchange, error)
    else exchange.reject(error)
  }
}

function encode({ method, path, shared, own, body, bodyBytes }: HttpRequest): string {
  return `${method} ${path} HTTP/1.1\r\n${sharedLines(shared)}${linesOf(own)}content-length: ${bodyBytes}\r\n\r\n${body}`
}

const knownLines = new WeakMap<readonly Header[], string>()

function sharedLines(shared: readonly Header[]): string {
  let lines = knownLines.get(shared)
  if (lines === undefined) knownLines.set(shared, (lines = linesOf(shared)))
  return lines
}

function linesOf(headers: readonly Header[]): string {
  let lines = ''
  for (const [name, value] of headers) lines += `${name}: ${value}\r\n`
  return lines
}
