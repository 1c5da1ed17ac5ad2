import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Http1Response, ResponseParser } from '../../../lib/http/http1/response-parser'
import { MalformedResponseError } from '../../../lib/http/http-message'
import { cut, pieces } from '../support/cut'
import { anyText } from '../../support/any-text'

/**
 * Parses bytes that arrive in pieces of these sizes, followed by the end of the connection. @returns undefined if the
 * response is incomplete
 */
function parse(text: string | Buffer, sizes?: readonly number[]): Http1Response | undefined {
  const parser = new ResponseParser()
  let response: Http1Response | undefined
  for (const piece of cut(Buffer.from(text), sizes)) {
    if (response) throw new MalformedResponseError('More came than one response.') // as a connection does
    response = parser.push(piece)
  }
  return response ?? parser.end()
}

const bodies = fc.string({ unit: 'grapheme' })

describe('a response', () => {
  test.each([
    ['without a body', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', { status: 200, body: '', reusable: true }],
    ['without a reason phrase', 'HTTP/1.1 410\r\nContent-Length: 0\r\n\r\n', { status: 410, body: '', reusable: true }],
    ['with status 204', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '', reusable: true }],
    [
      'after an interim response',
      'HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nok',
      { status: 200, body: 'ok', reusable: true },
    ],
    [
      'with "Connection: close"',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
      { status: 200, body: 'ok', reusable: false },
    ],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', { status: 200, body: 'ok', reusable: false }],
    [
      'of HTTP/1.0 with keep-alive',
      'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok',
      { status: 200, body: 'ok', reusable: true },
    ],
    [
      'of unknown length that ends with the connection',
      'HTTP/1.1 200 OK\r\n\r\nok',
      { status: 200, body: 'ok', reusable: false },
    ],
    [
      'in chunks, with extensions and trailers',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nx: y\r\n\r\n',
      { status: 200, body: 'abc0123456789', reusable: true },
    ],
  ])('%s is parsed the same however it is split', (_name, text, expected) => {
    expect(parse(text)).toEqual(expected)
    fc.assert(
      fc.property(pieces, (sizes) => {
        expect(parse(text, sizes)).toEqual(expected)
      }),
    )
  })

  test('can have any text as its body, with a length or in chunks', () => {
    fc.assert(
      fc.property(bodies, pieces, (body, sizes) => {
        const bytes = Buffer.from(body)
        const byLength = `HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\n\r\n${body}`
        const chunk = bytes.length === 0 ? '' : `${bytes.length.toString(16)}\r\n${body}\r\n`
        const inChunks = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`
        const expected = { status: 200, body, reusable: true }
        expect(parse(byLength, sizes)).toEqual(expected)
        expect(parse(inChunks, sizes)).toEqual(expected)
      }),
    )
  })

  test('that is incomplete is undefined', () => {
    expect(parse('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok')).toBeUndefined()
    expect(parse('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok')).toBeUndefined()
    expect(parse('HTTP/1.1 200 OK\r\nCont')).toBeUndefined()
  })

  test.each([
    ['is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['is of another version', 'HTTP/2 200\r\n\r\n'],
    ['has an invalid length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['has an unsupported encoding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['has an invalid chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n'],
    ['has a chunk that is longer than its size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n'],
    ['continues after its end', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK'],
    ['continues after its last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nmore'],
    ['has an endless header', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`],
  ])('that %s is refused', (_name, text) => {
    expect(() => parse(text)).toThrow(MalformedResponseError)
  })

  test('of any bytes is the same, or a MalformedResponseError, however they are split', () => {
    const outcomeOf = (bytes: Buffer, sizes?: readonly number[]) => {
      try {
        return parse(bytes, sizes)
      } catch (error) {
        return error instanceof MalformedResponseError ? 'malformed' : error
      }
    }
    const part = fc.constantFrom(
      ...['HTTP/1.1 200 OK\r\n', 'HTTP/1.1 103 \r\n', 'HTTP/1.0 204\r\n', '\r\n', '\r\n\r\n', '\n', ' ', 'x: y\r\n'],
      ...['Content-Length: 3\r\n', 'Content-Length: 0\r\n', 'Connection: close\r\n', 'Transfer-Encoding: chunked\r\n'],
      ...['3\r\nabc\r\n', '0\r\n', 'abc', 'ffffffff\r\n'],
    )
    const text = fc.oneof(
      fc
        .tuple(fc.constantFrom('', 'HTTP/1.1 200 OK\r\n'), fc.array(part, { maxLength: 10 }))
        .map(([start, parts]) => start + parts.join('')),
      anyText(),
    )
    const outcomes = new Set<string>()
    fc.assert(
      fc.property(text, pieces, (given, sizes) => {
        const outcome = outcomeOf(Buffer.from(given))
        expect(outcomeOf(Buffer.from(given), sizes)).toEqual(outcome)
        outcomes.add(outcome instanceof Error ? 'error' : typeof outcome)
      }),
      { numRuns: 1_000 },
    )
    expect(outcomes).toEqual(new Set(['object', 'undefined', 'string'])) // a response, too little, malformed: nothing else
  })
})
