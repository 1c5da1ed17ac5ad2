import { createHttpPool, type HttpPoolOptions, type HttpVersion } from '../http/http-pool'
import type { Header, HttpResponse } from '../http/http-message'
import type { CurrentCredentials } from './credentials'
import { type AwsCredentials, createSigner, sha256, type Sign } from './signature'

export interface AwsEndpointOptions extends Omit<HttpPoolOptions, 'origin'> {
  /** Scheme, host and port of the service; a path is ignored. */
  readonly url: URL
  /** The service's name in signatures. */
  readonly service: string
  readonly region: string
  readonly credentials: CurrentCredentials
  /** Headers of every request besides those of HTTP and of the signature. Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

interface AwsRequest {
  readonly method: 'POST' | 'DELETE'
  /** Percent-encoded. */
  readonly path: string
  readonly body: string
  /** The operation, for services that take it from the header `x-amz-target`. */
  readonly target?: string
  /** SHA-256 of the body in hex, from a caller that computes it in less time. */
  readonly payloadHash?: string
  /** UTF-8 bytes of the body, from a caller that knows the number. */
  readonly bodyBytes?: number
  /** The X-Ray trace of the request. It is not signed, as in the SDK's requests: proxies may change it. */
  readonly trace?: string | undefined
}

/** An AWS service at one address. */
export interface AwsEndpoint {
  /** See `HttpPool.httpVersion`. */
  readonly httpVersion: HttpVersion | undefined
  /**
   * Signs and sends a request. Resolves with any response. Rejects with an HttpRequestError, or with the error of the
   * credentials.
   */
  send(request: AwsRequest): Promise<HttpResponse>
  /** See `HttpPool.preconnect`. */
  preconnect(): void
  close(): void
}

/**
 * Sends signed requests over kept connections, in a tenth of the CPU time of the SDK's clients (README.md). It does not
 * interpret responses and does not retry: its callers do.
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
      // Awaited only if it is a promise: with thousands of requests, an await for each takes measurable time.
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
