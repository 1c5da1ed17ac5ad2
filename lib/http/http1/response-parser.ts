import { type HttpResponse, MalformedResponseError, maxHeadBytes } from '../http-message'

export interface Http1Response extends HttpResponse {
  /** Whether the connection may carry another request (RFC 9112, section 9.3). */
  readonly reusable: boolean
}

const headEnd = Buffer.from('\r\n\r\n')
const lineEnd = Buffer.from('\r\n')

/**
 * Reads one response from the pieces that a connection receives, as RFC 9112 frames it: by its length, in chunks, or by
 * the end of the connection. Throws a MalformedResponseError if it is not a response.
 */
export class ResponseParser {
  #unread: Buffer | undefined
  #head: Head | undefined
  #body: BodyReader | undefined

  /** Whether it has received any part of the response. */
  get started(): boolean {
    return this.#unread !== undefined || this.#head !== undefined
  }

  /** @returns the response once its last byte has come */
  push(chunk: Buffer): Http1Response | undefined {
    if (this.#head) return this.#readBody(chunk)
    let data = this.#unread ? Buffer.concat([this.#unread, chunk]) : chunk
    for (;;) {
      const end = data.indexOf(headEnd)
      if (end > maxHeadBytes || (end < 0 && data.length > maxHeadBytes)) {
        throw new MalformedResponseError(`The header of the response has more than ${maxHeadBytes} bytes.`)
      }
      this.#unread = data
      if (end < 0) return undefined
      const head = parseHead(data.toString('latin1', 0, end))
      data = data.subarray(end + headEnd.length)
      if (head.status >= 200) return this.#begin(head, data)
      this.#unread = data // an interim response, such as 103: the final one follows (RFC 9110, section 15.2)
    }
  }

  /** The connection has ended. @returns the response if it ends with the connection */
  end(): Http1Response | undefined {
    return this.#head?.framing.kind === 'untilEnd' ? this.#response(this.#body?.soFar() ?? '') : undefined
  }

  #begin(head: Head, data: Buffer): Http1Response | undefined {
    this.#head = head
    this.#unread = undefined
    const { framing } = head
    if (framing.kind === 'length' && framing.bytes === 0 && data.length === 0) return this.#response('')
    this.#body = bodyReaders[framing.kind](framing.kind === 'length' ? framing.bytes : 0)
    return this.#readBody(data)
  }

  #readBody(data: Buffer): Http1Response | undefined {
    const body = this.#body?.push(data)
    return body === undefined ? undefined : this.#response(body)
  }

  #response(body: string): Http1Response | undefined {
    if (!this.#head) return undefined
    const { status, framing, close } = this.#head
    return { status, body, reusable: !close && framing.kind !== 'untilEnd' }
  }
}

type Framing =
  { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' } | { readonly kind: 'untilEnd' }

interface Head {
  readonly status: number
  readonly framing: Framing
  readonly close: boolean
}

function parseHead(text: string): Head {
  const [, minor, status] = /^HTTP\/1\.([01]) (\d{3})(?: |\r|$)/.exec(text) ?? []
  if (status === undefined) {
    throw new MalformedResponseError(`Expected a status line of HTTP/1.1, got ${JSON.stringify(text.slice(0, 40))}.`)
  }
  const connection = headerIn(text, connectionHeader)?.toLowerCase() ?? ''
  const close = minor === '0' ? connection !== 'keep-alive' : connection.includes('close')
  return { status: Number(status), framing: framingOf(text, Number(status)), close }
}

const connectionHeader = /\r\nconnection:[ \t]*([^\r\n]*)/i
const transferEncodingHeader = /\r\ntransfer-encoding:[ \t]*([^\r\n]*)/i
const contentLengthHeader = /\r\ncontent-length:[ \t]*([^\r\n]*)/i

function headerIn(head: string, header: RegExp): string | undefined {
  return header.exec(head)?.[1]?.trimEnd()
}

/** RFC 9112, section 6.3. */
function framingOf(head: string, status: number): Framing {
  if (status < 200 || status === 204 || status === 304) return { kind: 'length', bytes: 0 }
  const encoding = headerIn(head, transferEncodingHeader)
  if (encoding !== undefined) {
    if (encoding.toLowerCase() === 'chunked') return { kind: 'chunked' }
    throw new MalformedResponseError(`Expected the transfer encoding "chunked", got ${JSON.stringify(encoding)}.`)
  }
  const length = headerIn(head, contentLengthHeader)
  if (length === undefined) return { kind: 'untilEnd' }
  if (!/^\d{1,15}$/.test(length)) {
    throw new MalformedResponseError(`Expected a content length, got ${JSON.stringify(length)}.`)
  }
  return { kind: 'length', bytes: Number(length) }
}

interface BodyReader {
  /** @returns the body once its last byte has come */
  push(data: Buffer): string | undefined
  soFar(): string
}

const bodyReaders: Readonly<Record<Framing['kind'], (bytes: number) => BodyReader>> = {
  length: readLength,
  chunked: readChunks,
  untilEnd: () => readLength(Infinity),
}

function readLength(bytes: number): BodyReader {
  const parts: Buffer[] = []
  let missing = bytes
  const soFar = () => (parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)).toString()
  return {
    push(data) {
      missing -= data.length
      // The next request is not sent before this response, so what follows cannot be its answer (response splitting).
      if (missing < 0) throw new MalformedResponseError('The response is longer than it says.')
      parts.push(data)
      return missing === 0 ? soFar() : undefined
    },
    soFar,
  }
}

/** RFC 9112, section 7.1. Chunk extensions and trailer fields are ignored. */
function readChunks(): BodyReader {
  const parts: Buffer[] = []
  let unread: Buffer = Buffer.alloc(0)
  let state: 'size' | 'data' | 'dataEnd' | 'trailer' = 'size'
  let missing = 0
  const soFar = () => Buffer.concat(parts).toString()
  const takeLine = (): string | undefined => {
    const end = unread.indexOf(lineEnd)
    if (end < 0 && unread.length > maxHeadBytes)
      throw new MalformedResponseError(`A line of the response has more than ${maxHeadBytes} bytes.`)
    if (end < 0) return undefined
    const line = unread.toString('latin1', 0, end)
    unread = unread.subarray(end + lineEnd.length)
    return line
  }
  return {
    push(data) {
      unread = unread.length === 0 ? data : Buffer.concat([unread, data])
      for (;;) {
        if (state === 'data') {
          const part = unread.subarray(0, missing)
          parts.push(part)
          missing -= part.length
          unread = unread.subarray(part.length)
          if (missing > 0) return undefined
          state = 'dataEnd'
        }
        const line = takeLine()
        if (line === undefined) return undefined
        if (state === 'trailer') {
          if (line !== '') continue
          if (unread.length > 0) throw new MalformedResponseError('The response is longer than it says.')
          return soFar()
        }
        if (state === 'dataEnd') {
          if (line !== '') throw new MalformedResponseError('A chunk of the response is longer than it says.')
          state = 'size'
          continue
        }
        missing = chunkSize(line)
        state = missing === 0 ? 'trailer' : 'data'
      }
    },
    soFar,
  }
}

function chunkSize(line: string): number {
  const [, digits] = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line) ?? []
  if (digits === undefined)
    throw new MalformedResponseError(`Expected a chunk size, got ${JSON.stringify(line.slice(0, 40))}.`)
  return Number.parseInt(digits, 16)
}
