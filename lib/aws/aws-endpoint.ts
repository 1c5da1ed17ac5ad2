import { createHttpPool, type HttpPoolOptions, type HttpVersion } from '../http/http-pool'
import type { Header, HttpResponse } from '../http/http-message'
import type { CurrentCredentials } from './credentials'
import { type AwsCredentials, createSigner, sha256, type Sign } from './signature'

export interface AwsEndpointOptions extends Omit<HttpPoolOptions, 'origin'> {
  /** Scheme, host and port of the service; a path is not looked at. */
  readonly url: URL
  /** The name that the service signs under. */
  readonly service: string
  readonly region: string
  readonly credentials: CurrentCredentials
  /** Headers of every request besides those of HTTP and of the signature. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

export interface AwsRequest {
  readonly method: 'POST' | 'DELETE'
  /** With what must be encoded in a path encoded. */
  readonly path: string
  readonly body: string
  /** The operation, for services that are told by the header `x-amz-target`. */
  readonly target?: string
  /** SHA-256 of the body in hex, if the caller has it cheaper. */
  readonly payloadHash?: string
  /** UTF-8 bytes of the body, if the caller knows. */
  readonly bodyBytes?: number
  /** The X-Ray trace that the request belongs to. It is not signed, as in the SDK's requests: whoever passes it on may change it. */
  readonly trace?: string | undefined
}

/** An AWS service at one address. */
export interface AwsEndpoint {
  /** As `HttpPool.httpVersion`. */
  readonly httpVersion: HttpVersion | undefined
  /** Signs and sends a request. Resolves with any answer; rejects with a HttpRequestError, or as the credentials do. */
  send(request: AwsRequest): Promise<HttpResponse>
  /** As `HttpPool.preconnect`. */
  preconnect(): void
  close(): void
}

/**
 * Sends signed requests over connections that are kept: a tenth of what the SDK's clients take for a request, and little of
 * what they take to load (docs/performance.md). It knows no errors of services and does not try again; its callers do.
 */
export function createAwsEndpoint({
  url,
  service,
  region,
  credentials,
  headers,
  ...poolOptions
}: AwsEndpointOptions): AwsEndpoint {
  const { now = Date.now } = poolOptions
  const pool = createHttpPool({ ...poolOptions, origin: url })
  const signers = new Map<string | undefined, Sign>()
  const signerFor = (target: string | undefined): Sign => {
    const known = signers.get(target)
    if (known) return known
    const withTarget = target === undefined ? headers : { ...headers, 'x-amz-target': target }
    const sign = createSigner({ service, region, host: url.host, headers: withTarget })
    signers.set(target, sign)
    return sign
  }

  const sendWith = (current: AwsCredentials, request: AwsRequest): Promise<HttpResponse> => {
    const { method, path, body, target, trace, payloadHash = sha256(body) } = request
    const { bodyBytes = Buffer.byteLength(body) } = request
    const { shared, authorization } = signerFor(target)({
      method,
      path,
      payloadHash,
      credentials: current,
      atMs: now(),
    })
    const signature: Header = ['authorization', authorization]
    const own: readonly Header[] = trace === undefined ? [signature] : [signature, ['x-amzn-trace-id', trace]]
    return pool.send({ method, path, shared, own, body, bodyBytes })
  }

  return {
    get httpVersion() {
      return pool.httpVersion
    },
    send(request) {
      const current = credentials()
      // Awaited only where they are asked for: an await for each of thousands of requests is felt.
      return current instanceof Promise
        ? current.then((usable) => sendWith(usable, request))
        : sendWith(current, request)
    },
    preconnect: () => {
      pool.preconnect()
    },
    close: () => {
      pool.close()
    },
  }
}
