import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Exchange } from '../../../lib/http/connection'
import {
  type HttpRequest,
  HttpRequestError,
  type HttpResponse,
  MalformedResponseError,
} from '../../../lib/http/http-message'
import { Http2Connection } from '../../../lib/http/http2/connection'
import { cut, pieces } from '../support/cut'

/** A server without TLS, on which an `Http2Connection` does not depend. */
let server: Server
let serve: (socket: Socket) => void
beforeAll(async () => {
  server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', ignore).resume()
    serve(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

type Outcome = HttpResponse | HttpRequestError['reason'] | `retryable: ${HttpRequestError['reason']}`

const requests = [1, 2, 3].map((n): HttpRequest => {
  const body = 'x'.repeat(n === 3 ? 70_000 : n) // the last body exceeds the initial window
  return { method: 'POST', path: `/${n}`, shared: [['host', 'localhost']], own: [], body, bodyBytes: body.length }
})

/**
 * Sends three requests to a server that answers with these bytes and then ends the connection. @returns the outcomes of
 * each request
 */
async function outcomesOf(bytes: Buffer, sizes?: readonly number[]): Promise<readonly (readonly Outcome[])[]> {
  const outcomes: Outcome[][] = requests.map(() => [])
  serve = (socket) => {
    for (const piece of cut(bytes, sizes)) socket.write(piece)
    socket.end()
  }
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  await new Promise<void>((resolve) => {
    new Http2Connection({
      socket,
      host: 'localhost',
      responseTimeoutMs: 10_000,
      settingsTimeoutMs: 10_000,
      onReady: (connection) => {
        for (const [n, request] of requests.entries()) {
          const resolveWith = (response: HttpResponse) => outcomes[n]?.push(response)
          const reject = ({ reason }: HttpRequestError) => outcomes[n]?.push(reason)
          connection.run({
            request,
            resolve: resolveWith,
            reject,
            serial: n,
            sinceMs: 0,
            isRepeated: false,
            refusals: 0,
          })
        }
      },
      onChanged: ignore,
      onRetryable: ({ serial }: Exchange, { reason }) => outcomes[serial]?.push(`retryable: ${reason}`),
      onBroken: ignore,
      onClosed: (_connection, error) => {
        expect(error).toBeInstanceOf(HttpRequestError)
        if (error.reason === 'malformed') expect(error.cause).toBeInstanceOf(MalformedResponseError) // no bug of ours
        setImmediate(resolve) // exchanges under way are settled after this callback
      },
    })
  })
  return outcomes
}

function frameOf(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  const head = Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, 0])
  head.writeUInt32BE(streamId, 5)
  return Buffer.concat([head, payload])
}

function uint32s(...values: readonly number[]): Buffer {
  const payload = Buffer.alloc(values.length * 4)
  for (const [n, value] of values.entries()) payload.writeUInt32BE(value, n * 4)
  return payload
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
/** Header blocks with the status 200, 404, 410 and 103. */
const status = fc
  .constantFrom([0x88], [0x8d], [0x48, 3, 0x34, 0x31, 0x30], [0x08, 3, 0x31, 0x30, 0x33])
  .map((block) => Buffer.from(block))
const numbers = fc
  .array(fc.constantFrom(0, 1, 3, 4, 7, 13, 65_535, 0x7fff_ffff, 0xffff_ffff), { maxLength: 3 })
  .map((values) => uint32s(...values))
const anyFrame = fc
  .tuple(
    fc.integer({ min: 0, max: 10 }),
    fc.constantFrom(0, 1, 4, 5, 8, 0x0d, 0x25, 0x2d),
    fc.constantFrom(0, 1, 3, 5, 7, 0x7fff_ffff),
    fc.oneof(status, numbers, bytes(20)),
  )
  .map((frame) => frameOf(...frame))
/** The frames of a usual answer: HEADERS, DATA, RST_STREAM and GOAWAY. */
const id = fc.constantFrom(1, 3, 5)
const code = fc.constantFrom(0, 1, 7, 8, 13)
const ends = fc.constantFrom(0, 1)
const usualFrame = fc.oneof(
  fc.tuple(id, ends, status).map(([streamId, end, block]) => frameOf(1, 4 | end, streamId, block)),
  fc.tuple(id, ends, bytes(20)).map(([streamId, end, data]) => frameOf(0, end, streamId, data)),
  fc.tuple(id, code).map(([streamId, reason]) => frameOf(3, 0, streamId, uint32s(reason))),
  fc.tuple(id, code).map(([lastStreamId, reason]) => frameOf(7, 0, 0, uint32s(lastStreamId, reason))),
)
const frames = fc.array(fc.oneof({ weight: 3, arbitrary: usualFrame }, anyFrame), { maxLength: 12 })
const answer = fc.oneof(
  { weight: 5, arbitrary: frames.map((given) => Buffer.concat([frameOf(4, 0, 0, Buffer.alloc(0)), ...given])) },
  bytes(50).map((given) => Buffer.from(given)),
)

test('each request has at most one outcome, the same however the bytes of the server are split', async () => {
  const kinds = new Set<unknown>()
  await fc.assert(
    fc.asyncProperty(answer, pieces, async (given, sizes) => {
      const outcomes = await outcomesOf(given)
      for (const [outcome] of outcomes) kinds.add(typeof outcome === 'object' ? 'response' : outcome)
      expect([
        [0, 0, 0],
        [1, 1, 1],
      ]).toContainEqual(outcomes.map(({ length }) => length))
      expect(await outcomesOf(given, sizes)).toEqual(outcomes)
    }),
    { numRuns: 500 },
  )
  // Every kind of outcome has occurred.
  expect(kinds).toEqual(
    new Set([undefined, 'response', 'closed', 'malformed', 'retryable: closed', 'retryable: unprocessed']),
  )
}, 60_000)

function ignore(): void {
  return undefined
}
