import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { HttpRequestError } from './http-message'

export interface DialOptions {
  readonly origin: URL
  /** For the connection to be made, its TLS handshake included. */
  readonly connectTimeoutMs: number
  /** Certificates to trust instead of Node's own. */
  readonly ca?: string | undefined
  /** Whether to offer HTTP/2 in the TLS handshake. The server chooses (ALPN, RFC 7301). */
  readonly offersHttp2: boolean
  /** A session of an earlier connection. To resume it spares the check of the certificate: a third of a handshake. */
  readonly session: Buffer | undefined
  readonly onSession: (session: Buffer) => void
  /** The connection is there. What it says from now on is for whoever is called. */
  readonly onOpen: (socket: Socket, isHttp2: boolean) => void
  readonly onFailed: (error: HttpRequestError) => void
}

/** Opens a connection. @returns what gives it up, unless it is there or has failed */
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
    fail(new HttpRequestError('unreachable', `${origin.host} cannot be reached: ${error.message}`, error))
  }
  const onClose = () => {
    fail(new HttpRequestError('closed', `${origin.host} closed the connection before it was there.`))
  }
  const timer = setTimeout(() => {
    fail(new HttpRequestError('timeout', `${origin.host} did not take a connection in ${connectTimeoutMs} ms.`))
  }, connectTimeoutMs)
  socket.setNoDelay(true).on('session', onSession).once(opened, succeed).once('error', onError).once('close', onClose)
  return () => {
    fail(new HttpRequestError('dropped', 'The connection was given up.'))
  }
}

/** What a connection that is given up says while it ends. */
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

/** Node would make one for each connection, which costs as much as the handshake. */
function secureContextFor(ca: string | undefined): SecureContext {
  const known = secureContexts.get(ca) ?? createSecureContext(ca === undefined ? {} : { ca })
  secureContexts.set(ca, known)
  return known
}
