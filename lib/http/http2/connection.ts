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
  /** For the server's settings to come, in milliseconds. */
  readonly settingsTimeoutMs: number
  /** The server's settings have come: until then no request is sent. */
  readonly onReady: (connection: Connection) => void
  /** The server offers HTTP/2 and then breaks its rules, refuses it, or ends the connection before it has said anything. */
  readonly onBroken: () => void
}

/** A header block of which not all has come. */
interface HeaderBlock {
  readonly streamId: number
  readonly endStream: boolean
  fragments: Buffer
}

/** Requests at a time, if the server does not say how many it takes: RFC 9113, section 6.5.2, asks it for no less. */
const assumedStreams = 100

/**
 * A connection of HTTP/2 (RFC 9113), which carries as many exchanges at a time as the server takes. What is sent within one turn
 * of the event loop is written at its end, as one piece. It keeps the rules that a client of one server needs: flow control, pings,
 * settings, and what the server says when it goes away. Pushes, priorities and tables of headers are declined.
 */
export class Http2Connection implements Connection {
  idleSinceMs: number | undefined
  isUsed = false
  readonly #options: Http2ConnectionOptions
  readonly #socket: Socket
  readonly #reader = new FrameReader()
  readonly #writer = new FrameWriter()
  readonly #streams = new Streams()
  /** Streams with more of a body than the server takes for now. */
  readonly #blocked = new Set<Stream>()
  #maxStreams = assumedStreams
  #initialWindow = defaultWindow
  #window = defaultWindow
  /** Octets of responses that the server has not been told to have been read. */
  #unacknowledged = 0
  #headerBlock: HeaderBlock | undefined
  #willFlush = false
  #timer: NodeJS.Timeout | undefined
  #readAtMs = 0
  #isReady = false
  #hasAnswered = false
  /** It takes no more requests. */
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

  /** As much of a body as the server takes now. */
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
      throw new MalformedResponseError('A header block of HTTP/2 was interrupted.')
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
        throw new MalformedResponseError('The server pushes, though it was told not to.')
      default: // Frames of a kind that is not known, and priorities, are passed over: RFC 9113, section 5.5.
    }
  }

  #continueHeaders({ flags, payload }: Frame): void {
    const block = this.#headerBlock
    if (!block) throw new MalformedResponseError('A header block of HTTP/2 goes on that did not begin.')
    block.fragments = Buffer.concat([block.fragments, payload])
    if (block.fragments.length > maxHeadBytes) throw new MalformedResponseError('A header block of HTTP/2 is too long.')
    if (flags & flag.endHeaders) this.#endHeaders(block)
  }

  #endHeaders({ streamId, endStream, fragments }: HeaderBlock): void {
    this.#headerBlock = undefined
    const stream = this.#streams.get(streamId)
    if (!stream) return // of one that was cancelled
    if (stream.status === undefined) {
      const status = decodeStatus(fragments)
      if (status >= 200) stream.status = status
      else if (endStream) throw new MalformedResponseError('A response of HTTP/2 ended before it had begun.')
    }
    if (endStream) this.#settle(stream)
  }

  #answerPing({ flags, payload }: Frame): void {
    if (flags & flag.ack) return
    if (payload.length !== 8) throw new MalformedResponseError('A ping of HTTP/2 has the wrong length.')
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
    if (stream.status === undefined) throw new MalformedResponseError('The body of a response came before its head.')
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
        default: // The others are no matter to a client that asks for nothing more.
      }
    }
    this.#writer.acknowledgeSettings()
    this.#sendMoreOfAll()
    if (this.#isReady) this.#options.onChanged(this)
    else {
      this.#isReady = true
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
    if (stream.unsent) this.#cancel(stream) // answered before all of it was there
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

  /** The server ends the connection, and says which requests it has not looked at: RFC 9113, section 6.8. */
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

  /** Streams are in the order in which they were begun, and all have the same time. */
  #timeOutIn(ms: number): NodeJS.Timeout {
    const { host, responseTimeoutMs } = this.#options
    return setTimeout(() => {
      const error = new HttpRequestError('timeout', `${host} did not answer in ${responseTimeoutMs} ms.`)
      if (!this.#isReady) this.#fail(error)
      const nowMs = performance.now()
      let isSilent = false
      for (const stream of this.#streams.all()) {
        const remainingMs = stream.sentAtMs + responseTimeoutMs - nowMs
        if (remainingMs > 0) {
          this.#timer = this.#timeOutIn(remainingMs)
          break
        }
        isSilent ||= this.#readAtMs < stream.sentAtMs
        this.#cancel(stream)
        this.#forget(stream)
        stream.exchange.reject(error)
      }
      // Nothing at all was heard since one was sent: nothing else will be answered either.
      if (isSilent) this.#failAsClosed()
      if (this.#streams.size === 0) this.#timer = undefined
    }, ms).unref()
  }

  #failAsClosed(): void {
    const { host } = this.#options
    this.#fail(new HttpRequestError('closed', `${host} closed the connection before it answered.`))
  }

  /** The connection's only end: every way of losing it leads here, the first one counts. */
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

/** Ids and windows have 31 bits. */
const max31 = 0x7fff_ffff

/** No window may be wider than that: RFC 9113, section 6.9.1. */
function widened(window: number, octets: number): number {
  if (window + octets > max31) throw new MalformedResponseError('The server takes more than it can count.')
  return window + octets
}

function uint31(payload: Buffer, at: number): number {
  return uint32(payload, at) & max31
}

function uint32(payload: Buffer, at: number): number {
  if (payload.length < at + 4) throw new MalformedResponseError('A frame of HTTP/2 is shorter than its kind is.')
  return payload.readUInt32BE(at)
}
