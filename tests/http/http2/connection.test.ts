import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { afterEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Header, HttpRequest } from '../../../lib/http/http-message'
import { createHttpPool, type HttpPool, type HttpPoolOptions } from '../../../lib/http/http-pool'
import { until } from '../../support/until'

const support = join(__dirname, '..', '..', 'publisher', 'support')
const key = readFileSync(join(support, 'localhost.key'), 'utf8')
const cert = readFileSync(join(support, 'localhost.crt'), 'utf8')

const shared: readonly Header[] = [
  ['content-type', 'application/octet-stream'],
  ['host', 'localhost'],
]

function request(path: string, body = '', own: readonly Header[] = []): HttpRequest {
  return { method: 'POST', path, shared, own, body, bodyBytes: Buffer.byteLength(body) }
}

/** A request as the server has received it. */
interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly stream: ServerHttp2Stream
}

type Answer = (received: Received) => void

const ok: Answer = ({ stream, headers }) => {
  stream.respond({ ':status': 200 })
  stream.end(headers[':path'])
}

/** The time-out of requests if the server answers all of them. */
const patientMs = 10_000
/** The time-out of requests if the server leaves some unanswered. A busy process can answer the others within it. */
const impatientMs = 500

let server: Http2SecureServer
let pool: HttpPool
let sessions: ServerHttp2Session[]
let received: Received[]
let answer: Answer

afterEach(async () => {
  pool.close()
  for (const session of sessions) session.destroy()
  server.close()
  await once(server, 'close')
})

/** Starts Node's own HTTP/2 server, which is built on nghttp2, and a pool for it. */
async function start(options: SecureServerOptions = {}, responseTimeoutMs = patientMs): Promise<void> {
  sessions = []
  received = []
  answer = ok
  server = createSecureServer({ key, cert, ...options })
  server.on('session', (session) => sessions.push(session.on('error', ignore)))
  server.on('stream', (stream, headers) => {
    let body = ''
    stream.setEncoding('utf8').on('error', ignore)
    stream.on('data', (text: string) => (body += text))
    stream.on('end', () => {
      const one = { headers, body, stream }
      received.push(one)
      answer(one)
    })
  })
  await once(server.listen(0, 'localhost'), 'listening')
  pool = poolFor(server.address() as AddressInfo, { responseTimeoutMs })
}

function poolFor({ port }: AddressInfo, options: Partial<HttpPoolOptions> = {}): HttpPool {
  const origin = new URL(`https://localhost:${port}`)
  const times = { connectTimeoutMs: patientMs, responseTimeoutMs: patientMs }
  return createHttpPool({ origin, ca: cert, http2: true, maxConnections: 4, ...times, ...options })
}

describe('requests', () => {
  test('arrive unchanged, 100 concurrent ones over one connection', async () => {
    await start()
    const paths = Array.from({ length: 100 }, (_, n) => `/${n}`)
    const responses = await Promise.all(paths.map((path) => pool.send(request(path, `body of ${path} 🐎`))))
    expect(responses).toEqual(paths.map((body) => ({ status: 200, body })))
    expect(received.map(({ body }) => body).sort()).toEqual(paths.map((path) => `body of ${path} 🐎`).sort())
    expect(sessions).toHaveLength(1)
    expect(pool.httpVersion).toBe('2')
  })

  test('keep every header field, whatever its value', async () => {
    await start()
    const value = fc.stringMatching(/^[!-~]([ -~]{0,300}[!-~])?$/)
    const lengths = fc.constantFrom(126, 127, 128, 254, 255, 256, 5_000).map((length) => 'x'.repeat(length))
    const fields = fc.record({
      authorization: value,
      'x-amz-security-token': fc.oneof(value, lengths),
      'x-any': fc.oneof(value, lengths),
    })
    await fc.assert(
      fc.asyncProperty(fields, async (own) => {
        await pool.send(request('/', '', Object.entries(own)))
        const { headers } = received.pop() ?? {}
        expect(headers).toMatchObject({
          ...own,
          ':method': 'POST',
          ':path': '/',
          ':scheme': 'https',
          ':authority': 'localhost',
          'content-type': 'application/octet-stream',
          'content-length': '0',
        })
      }),
      { numRuns: 200 },
    )
  })

  test('can have headers that are longer than a frame', async () => {
    await start({ maxSessionMemory: 100 })
    const own = [1, 2, 3].map((n): Header => [`x-long-${n}`, String(n).repeat(15_000)])
    expect(await pool.send(request('/', 'x', own))).toMatchObject({ status: 200 })
    expect(received[0]?.headers).toMatchObject(Object.fromEntries(own))
  })

  test('with a long body wait for flow control without delaying others', async () => {
    await start({ settings: { initialWindowSize: 1_000 } })
    const body = 'ž'.repeat(100_000)
    const responses = await Promise.all([pool.send(request('/long', body)), pool.send(request('/short', 'short'))])
    expect(responses.map(({ status }) => status)).toEqual([200, 200])
    expect(received.map(({ headers }) => headers[':path'])).toEqual(['/short', '/long'])
    expect(received[1]?.body === body).toBe(true)
  })

  test('continue when the server enlarges the window of open streams', async () => {
    await start({ settings: { initialWindowSize: 10 } })
    server.prependListener('stream', (stream) => {
      stream.pause() // so that only the new settings widen the window
      stream.session?.settings({ initialWindowSize: 5_000 }, () => stream.resume())
    })
    expect(await pool.send(request('/', 'x'.repeat(4_000)))).toMatchObject({ status: 200 })
    expect(received[0]?.body).toHaveLength(4_000)
  })

  test('stay within maxConcurrentStreams: the others wait or use another connection', async () => {
    await start({ settings: { maxConcurrentStreams: 2 } })
    const held: Received[] = []
    let most = 0
    answer = (one) => {
      most = Math.max(most, held.push(one))
      if (received.length >= 8) for (const each of held.splice(0)) ok(each)
    }
    await Promise.all(Array.from({ length: 50 }, (_, n) => pool.send(request(`/${n}`))))
    expect(sessions).toHaveLength(4)
    expect(most).toBe(8)
    expect(received).toHaveLength(50)
  })
})

describe('a pool', () => {
  test.each([0, 1_024])('works with a server whose header table has %d bytes', async (headerTableSize) => {
    await start({ settings: { headerTableSize } })
    for (let n = 0; n < 3; n++) expect(await pool.send(request('/'))).toMatchObject({ status: 200 })
    expect(sessions).toHaveLength(1)
  })

  test('rejects pending requests when it is closed, does not repeat them, and can be used again', async () => {
    await start()
    await pool.send(request('/first'))
    answer = () => {
      pool.close()
    }
    await expect(pool.send(request('/under-way'))).rejects.toMatchObject({ reason: 'dropped' })
    answer = ok
    expect(await pool.send(request('/again'))).toMatchObject({ status: 200 })
    expect(received.map(({ headers }) => headers[':path'])).toEqual(['/first', '/under-way', '/again'])
  })

  test('rejects requests with a time-out if no connection accepts streams', async () => {
    await start({ settings: { maxConcurrentStreams: 0 } })
    pool = poolFor(server.address() as AddressInfo, { connectTimeoutMs: impatientMs })
    const outcomes = await Promise.allSettled([pool.send(request('/a')), pool.send(request('/b'))])
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'timeout' } })
  })
})

describe('responses', () => {
  test.each([200, 201, 204, 206, 304, 400, 403, 404, 410, 413, 429, 500, 503, 567, 599])(
    'may have status %d',
    async (status) => {
      await start()
      answer = ({ stream }) => {
        stream.respond({ ':status': status }, { endStream: true })
      }
      expect(await pool.send(request('/'))).toEqual({ status, body: '' })
    },
  )

  test('may follow interim responses', async () => {
    await start()
    answer = (one) => {
      one.stream.additionalHeaders({ ':status': 103, link: '</x>' })
      ok(one)
    }
    expect(await pool.send(request('/'))).toEqual({ status: 200, body: '/' })
  })

  test('may be long, padded and followed by trailers', async () => {
    await start({ paddingStrategy: constants.PADDING_STRATEGY_MAX })
    const text = 'žluťoučký kůň '.repeat(50_000)
    answer = ({ stream }) => {
      stream.respond({ ':status': 500 }, { waitForTrailers: true })
      stream.on('wantTrailers', () => {
        stream.sendTrailers({ 'x-end': 'yes' })
      })
      stream.end(text)
    }
    for (let n = 0; n < 3; n++) expect((await pool.send(request('/', 'padded'))).body === text).toBe(true)
  })
})

describe('an HTTP/2 connection', () => {
  test('answers pings', async () => {
    await start()
    await pool.send(request('/'))
    const payload = await new Promise<Buffer>((resolve, reject) => {
      sessions[0]?.ping(Buffer.from('12345678'), (error, _durationMs, echo) => {
        if (error) reject(error)
        else resolve(echo)
      })
    })
    expect(payload.toString()).toBe('12345678')
  })

  test('is left after a GOAWAY, and unprocessed requests are sent over another one', async () => {
    await start()
    await pool.send(request('/first'))
    const seen: string[] = []
    answer = ({ stream, headers }) => {
      seen.push(headers[':path'] ?? '')
      // The server ignores all later streams.
      if (seen.length === 1) stream.session?.goaway(constants.NGHTTP2_NO_ERROR, stream.id)
      stream.respond({ ':status': 200 })
      stream.end('done')
    }
    const first = sessions[0]
    first?.on('stream', (stream: ServerHttp2Stream) => stream.setMaxListeners(20))
    const responses = await Promise.all(['/a', '/b', '/c'].map((path) => pool.send(request(path))))
    expect(responses).toEqual(Array.from({ length: 3 }, () => ({ status: 200, body: 'done' })))
    expect(sessions.length).toBe(2)
  })

  test('takes no more requests once the server has announced a graceful shutdown', async () => {
    await start({ settings: { maxConcurrentStreams: 1 } })
    pool = poolFor(server.address() as AddressInfo, { maxConnections: 2 })
    let finish: () => void = ignore
    answer = (one) => {
      if (one.headers[':path'] !== '/slow') {
        ok(one)
        return
      }
      finish = () => {
        ok(one)
      }
      one.stream.session?.goaway(constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1)
    }
    const slow = pool.send(request('/slow'))
    expect(await pool.send(request('/waits'))).toEqual({ status: 200, body: '/waits' })
    finish()
    expect(await slow).toEqual({ status: 200, body: '/slow' })
    expect(sessions).toHaveLength(2)
  })

  test('is replaced if the server closes it between two requests', async () => {
    await start()
    await pool.send(request('/'))
    const ended = once(sessions[0] ?? fail(), 'close')
    sessions[0]?.close()
    await ended
    expect(await pool.send(request('/again'))).toEqual({ status: 200, body: '/again' })
    expect(sessions).toHaveLength(2)
  })

  test('does not repeat a request that the server resets with an error, and serves the others', async () => {
    await start()
    await pool.send(request('/first'))
    answer = (one) => {
      if (one.headers[':path'] === '/bad') one.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
      else ok(one)
    }
    const outcomes = await Promise.allSettled(['/good', '/bad', '/fine'].map((path) => pool.send(request(path))))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(received).toHaveLength(4)
    expect(sessions).toHaveLength(1)
  })

  test('times out each unanswered request, and continues with the others', async () => {
    await start({}, impatientMs)
    const cancelled: unknown[] = []
    answer = (one) => {
      if (one.headers[':path'] !== '/silent') ok(one)
      else one.stream.on('close', () => cancelled.push(one.stream.rstCode))
    }
    const silent: Promise<unknown>[] = []
    const beSilent = () => silent.push(pool.send(request('/silent')).catch((error: unknown) => error))
    beSilent()
    for (let n = 0; n < 100; n++) await pool.send(request('/other'))
    beSilent()
    // The connection does not count as dead while other requests are answered.
    const untilCancelled = async (count: number) => {
      while (cancelled.length < count) await Promise.all([pool.send(request('/other')), sleep(10)])
    }
    await untilCancelled(2)
    beSilent()
    await untilCancelled(3)
    for (const outcome of await Promise.all(silent)) expect(outcome).toMatchObject({ reason: 'timeout' })
    expect(cancelled).toEqual(Array.from({ length: 3 }, () => constants.NGHTTP2_CANCEL))
    expect(sessions).toHaveLength(1)
  })

  // Regression: it had no time-out, because the timer of the other one was taken for a running one.
  test('that starts when another one has timed out times out itself', async () => {
    await start({ settings: { maxConcurrentStreams: 1 } }, 200)
    pool = poolFor(server.address() as AddressInfo, { maxConnections: 1, responseTimeoutMs: 200 })
    answer = ({ stream }) => {
      stream.respond({ ':status': 200 }) // so that the connection is not taken for lost
    }
    const outcomes = await Promise.allSettled([1, 2].map(() => pool.send(request('/'))))
    const timedOut = { status: 'rejected', reason: { reason: 'timeout' } }
    expect(outcomes).toMatchObject([timedOut, timedOut])
  })

  // Regression: the timer that waits for the server's settings ran on, and was the first to look for late answers.
  test('times out its first request after the response time-out, whatever the connect time-out', async () => {
    await start()
    answer = () => undefined
    const times = { connectTimeoutMs: 1_000_000, responseTimeoutMs: 100 }
    pool = poolFor(server.address() as AddressInfo, times)
    await expect(pool.send(request('/'))).rejects.toMatchObject({ reason: 'timeout' })
  })

  test('stays open if the server answers no request but still sends pings', async () => {
    await start({}, impatientMs)
    answer = ({ stream }) => stream.session?.ping(() => undefined)
    for (let n = 0; n < 3; n++) await expect(pool.send(request('/'))).rejects.toMatchObject({ reason: 'timeout' })
    expect(sessions).toHaveLength(1)
  })

  test('is replaced if the server falls completely silent', async () => {
    await start({}, impatientMs)
    await pool.send(request('/first'))
    answer = () => undefined
    const outcomes = await Promise.allSettled(['/a', '/b'].map((path) => pool.send(request(path))))
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'timeout' } })
    answer = ok
    expect(await pool.send(request('/again'))).toMatchObject({ status: 200 })
    expect(sessions).toHaveLength(2)
  })
})

describe('the fallback to HTTP/1.1', () => {
  const frame = (type: number, flags: number, streamId: number, payload: readonly number[]) =>
    Buffer.from([0, payload.length >> 8, payload.length & 0xff, type, flags, 0, 0, 0, streamId, ...payload])
  const settings = frame(4, 0, 0, [])

  /** The clock of the pool, which only the tests advance. */
  let clockMs: number
  const sockets: TLSSocket[] = []
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
  })

  /**
   * Starts a server that answers HTTP/1.1 correctly, and HTTP/2 as the test decides. @returns the protocol of each
   * connection, oldest first
   */
  async function startBroken(
    speakHttp2: (socket: TLSSocket) => void,
    responseTimeoutMs = patientMs,
  ): Promise<string[]> {
    const spoken: string[] = []
    const broken = createTlsServer({ key, cert, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
      sockets.push(socket.on('error', ignore))
      spoken.push(String(socket.alpnProtocol))
      if (socket.alpnProtocol === 'h2') speakHttp2(socket)
      else socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
    })
    await once(broken.listen(0, 'localhost'), 'listening')
    clockMs = 0
    const connectTimeoutMs = 4_000 // half of it for the settings
    const options = { connectTimeoutMs, responseTimeoutMs, now: () => clockMs }
    pool = poolFor(broken.address() as AddressInfo, options)
    sessions = []
    server = broken as unknown as Http2SecureServer // afterEach closes it
    return spoken
  }

  const unsettled: [what: string, speak: (socket: TLSSocket) => void][] = [
    ['answers in HTTP/1.1', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n')],
    ['ends the connection', (socket) => socket.end()],
    ['sends nothing', (socket) => socket.resume()],
  ]
  test.each(unsettled)('loses no request if the server %s before its settings', async (_what, speak) => {
    const spoken = await startBroken(speak)
    expect(await Promise.all([pool.send(request('/', 'x')), pool.send(request('/'))])).toMatchObject([
      { status: 200 },
      { status: 200 },
    ])
    expect(new Set(spoken.splice(1))).toEqual(new Set(['http/1.1']))
    expect(spoken).toEqual(['h2'])
  })

  test('is not triggered by an answer to a request that has timed out', async () => {
    const spoken = await startBroken((socket) => {
      let requests = 0
      const answers = [
        frame(6, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
        Buffer.concat([frame(1, 5, 1, [0x88]), frame(1, 5, 3, [0x8d])]),
      ]
      socket.write(settings)
      socket.on('data', (chunk: Buffer) => {
        if (chunk.includes('application/octet-stream')) socket.write(answers[requests++] ?? '')
      })
    }, impatientMs)
    await expect(pool.send(request('/'))).rejects.toMatchObject({ reason: 'timeout' })
    expect(await pool.send(request('/'))).toMatchObject({ status: 404 })
    expect(spoken).toEqual(['h2'])
  })

  test('is not triggered by an answer that ends the upload of a body early', async () => {
    const heard: Buffer[] = []
    await startBroken((socket) => {
      socket.write(frame(4, 0, 0, [0, 4, 0, 0, 0, 10]))
      socket.on('data', (chunk: Buffer) => {
        heard.push(chunk)
        if (chunk.includes('application/octet-stream')) socket.write(frame(1, 5, 1, [0x08, 3, 0x34, 0x31, 0x33]))
      })
    })
    expect(await pool.send(request('/', 'x'.repeat(50)))).toEqual({ status: 413, body: '' })
    const cancelled = frame(3, 0, 1, [0, 0, 0, constants.NGHTTP2_CANCEL])
    await until(
      () => Promise.resolve(Buffer.concat(heard)),
      (bytes) => bytes.includes(cancelled),
    )
    expect(Buffer.concat(heard).toString('latin1').match(/x+/g)?.pop()).toBe('x'.repeat(10))
  })

  test('is not triggered if the pool is closed before the server has sent anything', async () => {
    const spoken = await startBroken((socket) => socket.resume())
    pool.preconnect()
    await until(
      () => Promise.resolve(spoken),
      ({ length }) => length === 1,
    )
    pool.close()
    await pool.send(request('/', 'x'))
    expect(spoken.slice(0, 3)).toEqual(['h2', 'h2', 'http/1.1'])
  })

  /**
   * A malformed answer is left to the caller, which may retry. The pool repeats a request only if the server surely has
   * not processed it.
   */
  const [malformed, answered] = [{ reason: 'malformed' }, { status: 200 }]
  const endless = Array.from({ length: 9 }, () => frame(9, 0, 1, Array<number>(10_000).fill(0)))
  const unruly: [what: string, frames: Buffer, outcome: object][] = [
    ['a frame that is too long', Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1]), malformed],
    ['a response without a status', frame(1, 5, 1, [0x40, 1, 0x61, 1, 0x62]), malformed],
    ['an invalid status', frame(1, 5, 1, [0x08, 3, 0x61, 0x62, 0x63]), malformed],
    ['a status from the dynamic table, which is empty', frame(1, 5, 1, [0xbe]), malformed],
    ['a body before its headers', frame(0, 1, 1, [1, 2, 3]), malformed],
    ['an interrupted header block', Buffer.concat([frame(1, 0, 1, [0x88]), settings]), malformed],
    ['padding that is longer than its frame', frame(1, 0x0d, 1, [200, 0x88]), malformed],
    ['an endless header block', Buffer.concat([frame(1, 0, 1, [0x88]), ...endless]), malformed],
    ['a continuation without a header block', frame(9, 4, 1, [0x88]), malformed],
    ['an interim response that ends its stream', frame(1, 5, 1, [0x08, 3, 0x31, 0x30, 0x33]), malformed],
    ['a ping that is too short', frame(6, 0, 0, [1, 2, 3]), malformed],
    ['truncated settings', frame(4, 0, 0, [0, 4, 0, 0, 0]), malformed],
    ['a window that is too large', frame(8, 0, 0, [0x7f, 0xff, 0xff, 0xff]), malformed],
    ['a server push', frame(5, 4, 1, [0, 0, 0, 2]), malformed],
    ['a truncated reset', frame(3, 0, 1, [0]), malformed],
    [
      'a GOAWAY with an error that includes the request',
      frame(7, 0, 0, [0, 0, 0, 1, 0, 0, 0, 1]),
      { reason: 'closed' },
    ],
    ['a GOAWAY with an error that excludes the request', frame(7, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]), answered],
    ['a reset with HTTP_1_1_REQUIRED', frame(3, 0, 1, [0, 0, 0, 13]), answered],
  ]
  test.each(unruly)('lasts 1 minute after %s', async (_what, frames, outcome) => {
    const spoken = await startBroken((socket) => {
      socket.write(settings)
      // The client does not Huffman-code header fields, so the bytes contain their text.
      socket.on('data', (chunk: Buffer) => chunk.includes('application/octet-stream') && socket.write(frames))
    })
    const first = await pool.send(request('/', 'x')).catch((error: unknown) => error)
    expect(first).toMatchObject(outcome)
    expect(await pool.send(request('/', 'x'))).toMatchObject({ status: 200 })
    expect(spoken).toEqual(['h2', 'http/1.1'])
    pool.close()
    clockMs += 60_000 // then the pool tries HTTP/2 again
    await pool.send(request('/', 'x')).catch(ignore)
    expect(spoken[2]).toBe('h2')
  })
})

function ignore(): void {
  return undefined
}

function fail(): never {
  throw new Error('There is no session.')
}
