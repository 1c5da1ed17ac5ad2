import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { HttpRequestError } from './http-message'

export interface DialOptions {
  readonly origin: URL
  /** For establishing the connection, including its TLS handshake. */
  readonly connectTimeoutMs: number
  /** Certificates to trust instead of Node's own. */
  readonly ca?: string | undefined
  /** Whether to offer HTTP/2 in the TLS handshake. The server chooses (ALPN, RFC 7301). */
  readonly offersHttp2: boolean
  /** A TLS session of an earlier connection. Resuming it skips checking the certificate, a third of a handshake. */
  readonly session: Buffer | undefined
  readonly onSession: (session: Buffer) => void
  /** The connection is open; the callee handles its events from now on. */
  readonly onOpen: (socket: Socket, isHttp2: boolean) => void
  readonly onFailed: (error: HttpRequestError) => void
}

/** Opens a connection. @returns a function that abandons it, a no-op once it is open or has failed */
export function dial(options: DialOptions): () => void {
  const { origin, connectTimeoutMs, onSession, onOpen, onFailed } = options
  const socket = openSocket(options)
  const opened = origin.protocol === 'https:' ? 'secureConnect' : 'connect'
  let isSettled = false
  const settle = () => {
    isSettled = true
    clearTimeout(timer)
    socket.off(opened, succeed).off('error', onError).off('close', onClose)
  }
  const fail = (error: HttpRequestError) => {
    if (isSettled) return
    settle()
    socket.on('error', ignore).destroy()
    onFailed(error)
  }
  const succeed = () => {
    settle()
    onOpen(socket, socket instanceof TLSSocket && socket.alpnProtocol === 'h2')
  }
  const onError = (error: Error) => {
    fail(new HttpRequestError('unreachable', `${origin.host} is unreachable: ${error.message}`, error))
  }
  const onClose = () => {
    fail(new HttpRequestError('closed', `${origin.host} closed the connection during the handshake.`))
  }
  const timer = setTimeout(() => {
    fail(new HttpRequestError('timeout', `${origin.host} did not accept a connection within ${connectTimeoutMs} ms.`))
  }, connectTimeoutMs)
  socket.setNoDelay(true).on('session', onSession).once(opened, succeed).once('error', onError).once('close', onClose)
  return () => {
    fail(new HttpRequestError('dropped', 'The connection attempt was abandoned.'))
  }
}

/** Handles errors of an abandoned connection. */
function ignore(): void {
  return undefined
}

function openSocket({ origin, session, ca, offersHttp2 }: DialOptions): Socket | TLSSocket {
  const host = origin.hostname.replace(/^\[|\]$/g, '')
  if (origin.protocol === 'http:') return connectTcp({ host, port: Number(origin.port || 80) })
  return connectTls({
    host,
    port: Number(origin.port || 443),
    servername: /^[\d.:]+$/.test(host) || host.includes(':') ? '' : host,
    ALPNProtocols: offersHttp2 ? ['h2', 'http/1.1'] : ['http/1.1'],
    ...(session && { session }),
    secureContext: secureContextFor(ca),
  })
}

const secureContexts = new Map<string | undefined, SecureContext>()

/** Node would create one for each connection, which takes as long as a handshake. */
function secureContextFor(ca: string | undefined): SecureContext {
  const known = secureContexts.get(ca) ?? createSecureContext(ca === undefined ? {} : { ca })
  secureContexts.set(ca, known)
  return known
}
