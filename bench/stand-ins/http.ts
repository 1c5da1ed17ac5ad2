import { createServer as createHttp2Server } from 'node:http2'
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls'

export interface Request {
  readonly path: string
  /** The operation, for DynamoDB and SNS. */
  readonly target: string | undefined
  readonly body: string
}

/** Responds to a request after `afterMs` milliseconds. */
export type Respond = (status: number, body: string, afterMs: number) => void

/**
 * A server for HTTP/2, which is Node's own, and a minimal one for HTTP/1.1, so that the measured process does not wait
 * for it.
 */
export function createStandInServer(tls: TlsOptions, answer: (request: Request, respond: Respond) => void) {
  const http2 = createHttp2Server({ settings: { maxConcurrentStreams: 128 } }).on('stream', (stream, headers) => {
    let body = ''
    stream.setEncoding('utf8').on('error', () => stream.destroy())
    stream.on('data', (text: string) => (body += text))
    stream.on('end', () => {
      const target = headers['x-amz-target']?.toString()
      answer({ path: headers[':path'] ?? '', target, body }, (status, text, afterMs) => {
        after(afterMs, () => {
          stream.respond({ ':status': status, ...answerHeaders, 'content-length': Buffer.byteLength(text) })
          stream.end(text)
        })
      })
    })
  })
  return createServer({ ...tls, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
    socket.setNoDelay()
    socket.on('error', () => socket.destroy())
    if (socket.alpnProtocol === 'h2') http2.emit('connection', socket)
    else answerHttp1(socket, answer)
  })
}

const answerHeaders = {
  date: 'Mon, 23 Nov 2026 06:00:00 GMT',
  'content-type': 'application/json',
  'x-amzn-requestid': '3a5f1c2e-0000-1111-2222-333344445555',
}
const answerLines = Object.entries(answerHeaders)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')

function answerHttp1(socket: TLSSocket, answer: (request: Request, respond: Respond) => void): void {
  const respond: Respond = (status, body, afterMs) => {
    const text = `HTTP/1.1 ${status} .\r\n${answerLines}connection: keep-alive\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    after(afterMs, () => socket.write(text))
  }
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    for (;;) {
      const headEnd = text.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const head = text.slice(0, headEnd)
      const end = headEnd + 4 + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      if (text.length < end) return
      const [, path = ''] = /^\w+ ([^ ]+)/.exec(head) ?? []
      const target = /x-amz-target: *([^\r]+)/i.exec(head)?.[1]
      const body = text.slice(headEnd + 4, end)
      text = text.slice(end)
      answer({ path, target, body }, respond)
    }
  })
}

function after(ms: number, what: () => void): void {
  if (ms === 0) what()
  else setTimeout(what, ms)
}
