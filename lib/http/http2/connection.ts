import type { Socket } from 'node:net'
import type { Connection, ConnectionOptions, Exchange } from '../connection'
import { HttpRequestError, MalformedResponseError, maxHeadBytes } from '../http-message'
import {
  contentOf,
  maxFrame,
  defaultWindow,
  errorCode,
  flag,
  type Frame,
  FrameReader,
  frameType,
  FrameWriter,
  setting,
} from './frames'
import { decodeStatus, encodeRequest } from './hpack'
import { type Stream, Streams } from './streams'
import { messageOf } from '../../errors'

export interface Http2ConnectionOptions extends ConnectionOptions {
  /** For the server's settings to arrive, in milliseconds. */
  readonly settingsTimeoutMs: number
  /** The server's settings have arrived, and requests may be sent. */
  readonly onReady: (connection: Connection) => void
  /** The server offered HTTP/2, then broke its rules, refused it, or ended the connection before its settings. */
  readonly onBroken: () => void
}

/** A header block that is not complete. */
interface HeaderBlock {
  readonly streamId: number
  readonly endStream: boolean
  fragments: Buffer
}

/** Concurrent requests, unless the server sets a limit: RFC 9113, section 6.5.2, recommends no lower one. */
const assumedStreams = 100

/**
 * A connection of HTTP/2 (RFC 9113). It carries as many exchanges at a time as the server allows. What is sent in one
 * turn of the event loop is written at its end, in one piece. It implements what a client of one server needs: flow
 * control, pings, settings, refused streams and GOAWAY. It declines pushes, priorities and header tables.
 */
export class Http2Connection implements Connection {
  idleSinceMs: number | undefined
  isUsed = false
  readonly #options: Http2ConnectionOptions
  readonly #socket: Socket
  readonly #reader = new FrameReader()
  readonly #writer = new FrameWriter()
  readonly #streams = new Streams()
  /** Streams with more of a body than the server accepts for now. */
  readonly #blocked = new Set<Stream>()
  #maxStreams = assumedStreams
  #initialWindow = defaultWindow
  #window = defaultWindow
  /** Octets of responses that were read and not yet returned to the server's window. */
  #unacknowledged = 0
  #headerBlock: HeaderBlock | undefined
  #willFlush = false
  #timer: NodeJS.Timeout | undefined
  #readAtMs = 0
  #isReady = false
  #hasAnswered = false
  /** Whether it takes no more requests. */
  #isLeaving = false
  #isClosed = false

  constructor(options: Http2ConnectionOptions) {
    this.#options = options
    const { socket, host } = options
    this.#socket = socket
      .on('data', (chunk) => {
        this.#read(chunk)
      })
      .on('error', (error) => {
        this.#fail(new HttpRequestError('closed', `The connection to ${host} broke: ${error.message}`, error))
      })
      .on('end', () => {
        this.#failAsClosed()
      })
      .on('close', () => {
        this.#failAsClosed()
      })
    this.#writer.preface([
      [setting.headerTableSize, 0],
      [setting.enablePush, 0],
    ])
    this.#flushSoon()
    this.#timer = this.#timeOutIn(options.settingsTimeoutMs)
  }

  get capacity(): number {
    return !this.#isReady || this.#isLeaving || this.#isClosed ? 0 : Math.max(0, this.#maxStreams - this.#streams.size)
  }

  run(exchange: Exchange): void {
    const { body, bodyBytes } = exchange.request
    if (this.#streams.size === 0) this.#socket.ref()
    this.idleSinceMs = undefined
    this.isUsed = true
    const stream: Stream = {
      id: this.#streams.nextId,
      exchange,
      sentAtMs: performance.now(),
      window: this.#initialWindow,
      unsent: undefined,
      status: undefined,
      body: [],
    }
    this.#streams.add(stream)
    if (this.#streams.nextId > max31) this.#isLeaving = true
    const endStream = bodyBytes === 0
    this.#writer.headers(stream.id, encodeRequest(exchange.request, { isFirst: stream.id === 1 }), endStream)
    if (bodyBytes > Math.min(this.#window, stream.window, maxFrame)) {
      stream.unsent = Buffer.from(body)
      this.#blocked.add(stream)
      this.#sendMore(stream)
    } else if (!endStream) {
      this.#spend(stream, bodyBytes)
      this.#writer.text(stream.id, body, bodyBytes)
    }
    this.#timer ??= this.#timeOutIn(this.#options.responseTimeoutMs)
    this.#flushSoon()
  }

  markIdle(nowMs: number): void {
    if (this.#streams.size > 0) return
    this.idleSinceMs = nowMs
    this.#socket.unref()
  }

  destroy(): void {
    this.#fail(new HttpRequestError('dropped', 'The connection was dropped.'))
  }

  #flushSoon(): void {
    if (this.#willFlush) return
    this.#willFlush = true
    setImmediate(() => {
      this.#willFlush = false
      for (const part of this.#writer.take()) this.#socket.write(part)
    })
  }

  #spend(stream: Stream, octets: number): void {
    stream.window -= octets
    this.#window -= octets
  }

  /** Sends as much of a body as the server accepts now. */
  #sendMore(stream: Stream): void {
    while (stream.unsent) {
      const octets = Math.min(stream.unsent.length, this.#window, stream.window, maxFrame)
      if (octets <= 0) return
      this.#spend(stream, octets)
      const remaining = stream.unsent.subarray(octets)
      this.#writer.data(stream.id, stream.unsent.subarray(0, octets), remaining.length === 0)
      stream.unsent = remaining.length === 0 ? undefined : remaining
    }
    this.#blocked.delete(stream)
  }

  #sendMoreOfAll(): void {
    for (const stream of this.#blocked) this.#sendMore(stream)
    this.#flushSoon()
  }

  #read(chunk: Buffer): void {
    this.#readAtMs = performance.now()
    try {
      this.#reader.push(chunk, (frame) => {
        if (!this.#isClosed) this.#receive(frame)
      })
    } catch (error) {
      this.#fail(new HttpRequestError('malformed', messageOf(error), error))
    }
  }

  #receive(frame: Frame): void {
    const { type, flags, streamId, payload } = frame
    if (this.#headerBlock && (type !== frameType.continuation || streamId !== this.#headerBlock.streamId)) {
      throw new MalformedResponseError('A header block of HTTP/2 was interrupted by another frame.')
    }
    switch (type) {
      case frameType.headers:
        this.#headerBlock = { streamId, endStream: (flags & flag.endStream) !== 0, fragments: contentOf(frame) }
        if (flags & flag.endHeaders) this.#endHeaders(this.#headerBlock)
        break
      case frameType.continuation:
        this.#continueHeaders(frame)
        break
      case frameType.data:
        this.#receiveData(frame)
        break
      case frameType.resetStream:
        this.#reset(streamId, uint32(payload, 0))
        break
      case frameType.settings:
        if (!(flags & flag.ack)) this.#receiveSettings(payload)
        break
      case frameType.ping:
        this.#answerPing(frame)
        break
      case frameType.goAway:
        this.#goAway({ lastStreamId: uint31(payload, 0), code: uint32(payload, 4) })
        break
      case frameType.windowUpdate:
        this.#widen(streamId, uint31(payload, 0))
        break
      case frameType.pushPromise:
        throw new MalformedResponseError('The server pushed, which it was told not to do.')
      default: // Priorities and unknown types are ignored: RFC 9113, section 5.5.
    }
  }

  #continueHeaders({ flags, payload }: Frame): void {
    const block = this.#headerBlock
    if (!block) throw new MalformedResponseError('A header block of HTTP/2 was continued that had not begun.')
    block.fragments = Buffer.concat([block.fragments, payload])
    if (block.fragments.length > maxHeadBytes)
      throw new MalformedResponseError(`A header block of HTTP/2 has more than ${maxHeadBytes} octets.`)
    if (flags & flag.endHeaders) this.#endHeaders(block)
  }

  #endHeaders({ streamId, endStream, fragments }: HeaderBlock): void {
    this.#headerBlock = undefined
    const stream = this.#streams.get(streamId)
    if (!stream) return // it was cancelled
    if (stream.status === undefined) {
      const status = decodeStatus(fragments)
      if (status >= 200) stream.status = status
      else if (endStream) throw new MalformedResponseError('A response of HTTP/2 ended with an interim status.')
    }
    if (endStream) this.#settle(stream)
  }

  #answerPing({ flags, payload }: Frame): void {
    if (flags & flag.ack) return
    if (payload.length !== 8)
      throw new MalformedResponseError(`Expected a ping of HTTP/2 to have 8 octets, got ${payload.length}.`)
    this.#writer.acknowledgePing(payload)
    this.#flushSoon()
  }

  #receiveData(frame: Frame): void {
    const { streamId, flags, payload } = frame
    const stream = this.#streams.get(streamId)
    this.#unacknowledged += payload.length
    if (this.#unacknowledged > defaultWindow / 2) {
      this.#writer.windowUpdate(0, this.#unacknowledged)
      this.#unacknowledged = 0
      this.#flushSoon()
    }
    if (!stream) return
    if (stream.status === undefined) throw new MalformedResponseError('The body of a response came before its header.')
    stream.body.push(contentOf(frame))
    if (flags & flag.endStream) this.#settle(stream)
    else if (payload.length > 0) {
      this.#writer.windowUpdate(streamId, payload.length)
      this.#flushSoon()
    }
  }

  #receiveSettings(payload: Buffer): void {
    for (let at = 0; at < payload.length; at += 6) {
      const value = uint32(payload, at + 2)
      switch (payload.readUInt16BE(at)) {
        case setting.maxConcurrentStreams:
          this.#maxStreams = value
          break
        case setting.initialWindowSize:
          for (const stream of this.#streams.all()) stream.window = widened(stream.window, value - this.#initialWindow)
          this.#initialWindow = value
          break
        default: // The others do not concern this client.
      }
    }
    this.#writer.acknowledgeSettings()
    this.#sendMoreOfAll()
    if (this.#isReady) this.#options.onChanged(this)
    else {
      this.#isReady = true
      clearTimeout(this.#timer)
      this.#timer = undefined
      this.#options.onReady(this)
    }
  }

  #widen(streamId: number, octets: number): void {
    const stream = this.#streams.get(streamId)
    if (streamId === 0) this.#window = widened(this.#window, octets)
    else if (stream) stream.window = widened(stream.window, octets)
    this.#sendMoreOfAll()
  }

  #settle(stream: Stream): void {
    const body = stream.body.length === 0 ? '' : Buffer.concat(stream.body).toString()
    this.#hasAnswered = true
    if (stream.unsent) this.#cancel(stream) // answered before the whole body was sent
    this.#forget(stream)
    stream.exchange.resolve({ status: stream.status ?? 0, body })
  }

  #reset(streamId: number, code: number): void {
    const stream = this.#streams.get(streamId)
    if (!stream) return
    if (code === errorCode.http11Required) {
      this.#options.onBroken()
      this.#isLeaving = true
    }
    this.#forget(stream)
    const isUnprocessed = code === errorCode.refusedStream || code === errorCode.http11Required
    const reason = isUnprocessed ? 'unprocessed' : 'closed'
    const error = new HttpRequestError(reason, `${this.#options.host} reset the request (error code ${code}).`)
    if (isUnprocessed) this.#options.onRetryable(stream.exchange, error)
    else stream.exchange.reject(error)
  }

  /** The server ends the connection and names the requests that it has not processed: RFC 9113, section 6.8. */
  #goAway({ lastStreamId, code }: { lastStreamId: number; code: number }): void {
    this.#isLeaving = true
    if (code !== errorCode.none) this.#options.onBroken()
    const message = `${this.#options.host} ended the connection (error code ${code}).`
    const unprocessed = new HttpRequestError('unprocessed', message)
    for (const stream of this.#streams.all()) {
      if (stream.id <= lastStreamId) continue
      this.#forget(stream)
      this.#options.onRetryable(stream.exchange, unprocessed)
    }
    if (code !== errorCode.none || this.#streams.size === 0) this.#fail(new HttpRequestError('closed', message))
  }

  #cancel({ id }: Stream): void {
    this.#writer.cancel(id)
    this.#flushSoon()
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream)
    this.#blocked.delete(stream)
    if (this.#isLeaving && this.#streams.size === 0) this.destroy()
    else this.#options.onChanged(this)
  }

  /** One timer is enough: streams are in the order in which they were opened, and have the same time-out. */
  #timeOutIn(ms: number): NodeJS.Timeout {
    const { host, responseTimeoutMs } = this.#options
    return setTimeout(() => {
      const error = new HttpRequestError('timeout', `${host} did not answer in ${responseTimeoutMs} ms.`)
      if (!this.#isReady) this.#fail(error)
      const nowMs = performance.now()
      let isSilent = false
      for (const stream of this.#streams.all()) {
        if (stream.sentAtMs + responseTimeoutMs > nowMs) break
        isSilent ||= this.#readAtMs < stream.sentAtMs
        this.#cancel(stream)
        this.#forget(stream) // which may start another one
        stream.exchange.reject(error)
      }
      // Nothing came since one was sent, so the connection is probably lost.
      if (isSilent) this.#failAsClosed()
      const [oldest] = this.#isClosed ? [] : this.#streams.all()
      this.#timer = oldest && this.#timeOutIn(oldest.sentAtMs + responseTimeoutMs - nowMs)
    }, ms).unref()
  }

  #failAsClosed(): void {
    const { host } = this.#options
    this.#fail(new HttpRequestError('closed', `${host} closed the connection before it answered.`))
  }

  /** The only end of the connection. The first error counts. */
  #fail(error: HttpRequestError): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#socket.destroy()
    if (error.reason === 'malformed' || (!this.#isReady && error.reason !== 'dropped')) this.#options.onBroken()
    this.#options.onClosed(this, error)
    for (const { exchange, status } of this.#streams.all()) {
      if (error.reason === 'closed' && this.#hasAnswered && status === undefined)
        this.#options.onRetryable(exchange, error)
      else exchange.reject(error)
    }
  }
}

/** The greatest id and the widest window (31 bits). */
const max31 = 0x7fff_ffff

/** RFC 9113, section 6.9.1. */
function widened(window: number, octets: number): number {
  if (window + octets > max31)
    throw new MalformedResponseError(`The server widened a window of HTTP/2 beyond ${max31}.`)
  return window + octets
}

function uint31(payload: Buffer, at: number): number {
  return uint32(payload, at) & max31
}

function uint32(payload: Buffer, at: number): number {
  if (payload.length < at + 4) throw new MalformedResponseError('A frame of HTTP/2 is shorter than its type requires.')
  return payload.readUInt32BE(at)
}
