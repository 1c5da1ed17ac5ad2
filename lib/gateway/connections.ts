import { createHash, type Hash } from 'node:crypto'
import { type AwsEndpoint, createAwsEndpoint } from '../aws/aws-endpoint'
import type { CurrentCredentials } from '../aws/credentials'
import { sha256, uriEncode } from '../aws/signature'
import { HttpRequestError } from '../http/http-message'
import type { HttpPoolOptions, HttpVersion } from '../http/http-pool'
import { messageOf } from '../errors'

/**
 * The outcome of a post. Delivered means accepted by API Gateway, not received by the client. A retryable failure may
 * have been delivered nevertheless, if only the response was lost.
 */
export type Delivery =
  | { readonly kind: 'delivered' }
  /** The connection is closed (410). */
  | { readonly kind: 'gone' }
  /** The account's quota is exhausted, or the client's send buffer is full (429). */
  | { readonly kind: 'throttled'; readonly reason: string }
  /** The frame is larger than API Gateway accepts (413). */
  | { readonly kind: 'tooLarge'; readonly reason: string }
  /** The function may not post to this API (401, 403). */
  | { readonly kind: 'forbidden'; readonly reason: string }
  | { readonly kind: 'failed'; readonly retryable: boolean; readonly reason: string }

export interface Delivering {
  readonly callbackUrl: string
  readonly connectionId: string
  readonly head: SharedText
  /** The end of this frame, after the head. */
  readonly rest: string
}

/**
 * Posts a frame to a client's callback URL. It never throws: each outcome is a value, so that one failure does not
 * affect other posts.
 */
export type Deliver = (delivering: Delivering) => Promise<Delivery>

/**
 * The common beginning of many frames. Its length, and the hash of a long one, are computed once: the id, which
 * differs, comes last in a frame.
 */
export interface SharedText {
  readonly text: string
  readonly bytes: number
  readonly sha256: Hash | undefined
}

/** Below this, copying a hash and continuing it takes longer than hashing the whole. */
const longBytes = 1_500

export function sharedText(text: string): SharedText {
  const bytes = Buffer.byteLength(text)
  return { text, bytes, sha256: bytes < longBytes ? undefined : createHash('sha256').update(text) }
}

export interface ConnectionsOptions extends Omit<HttpPoolOptions, 'origin'> {
  readonly region: string
  readonly credentials: CurrentCredentials
}

/** The @connections API, at the callback URL of each connection. */
export interface Connections {
  readonly deliver: Deliver
  /**
   * Closes a connection, always with the code 1000. The outcome `gone` means that it was already closed. Never throws.
   */
  readonly close: (connection: Pick<Delivering, 'callbackUrl' | 'connectionId'>) => Promise<Delivery>
  /** See `HttpPool.preconnect`. */
  readonly preconnect: (callbackUrl: string) => void
  /** See `HttpPool.httpVersion`, for the API at a callback URL. */
  readonly httpVersion: (callbackUrl: string) => HttpVersion | undefined
  /** Closes the sockets to API Gateway. */
  readonly destroy: () => void
}

/**
 * Creates a client for @connections, with signed requests over sockets that are kept open for the life of the process.
 */
export function createConnections({ region, credentials, ...poolOptions }: ConnectionsOptions): Connections {
  const apis = new Map<string, { readonly endpoint: AwsEndpoint; readonly path: string }>()
  const apiAt = (callbackUrl: string) => {
    const known = apis.get(callbackUrl)
    if (known) return known
    const url = new URL(callbackUrl)
    const headers = { 'content-type': 'application/octet-stream' }
    const api = {
      endpoint: createAwsEndpoint({ ...poolOptions, url, service: 'execute-api', region, credentials, headers }),
      path: `${url.pathname.replace(/\/$/, '')}/@connections/`,
    }
    apis.set(callbackUrl, api)
    return api
  }

  return {
    async deliver({ callbackUrl, connectionId, head, rest }) {
      try {
        const { endpoint, path } = apiAt(callbackUrl)
        const frame = head.text + rest
        const { status, body } = await endpoint.send({
          method: 'POST',
          path: path + uriEncode(connectionId),
          body: frame,
          bodyBytes: head.bytes + Buffer.byteLength(rest),
          payloadHash: head.sha256?.copy().update(rest).digest('hex') ?? sha256(frame),
        })
        return status === 200 ? delivered : deliveryOf(status, body)
      } catch (error) {
        return failure(error)
      }
    },
    async close({ callbackUrl, connectionId }) {
      try {
        const { endpoint, path } = apiAt(callbackUrl)
        const { status, body } = await endpoint.send({
          method: 'DELETE',
          path: path + uriEncode(connectionId),
          body: '',
        })
        return deliveryOf(status, body)
      } catch (error) {
        return failure(error)
      }
    },
    preconnect: (callbackUrl) => {
      apiAt(callbackUrl).endpoint.preconnect()
    },
    httpVersion: (callbackUrl) => apiAt(callbackUrl).endpoint.httpVersion,
    destroy: () => {
      for (const { endpoint } of apis.values()) endpoint.close()
    },
  }
}

function failure(error: unknown): Delivery {
  return { kind: 'failed', retryable: error instanceof HttpRequestError, reason: messageOf(error) }
}

const delivered: Delivery = { kind: 'delivered' }

/**
 * Maps a response ("PostToConnection" and "DeleteConnection", Amazon API Gateway Management API). The status decides,
 * because emulators may omit the body.
 */
function deliveryOf(status: number, body: string): Delivery {
  const reason = `API Gateway answered ${status}${body === '' ? '' : `: ${body.slice(0, 200)}`}`
  switch (status) {
    case 410:
      return { kind: 'gone' }
    case 429:
      return { kind: 'throttled', reason }
    case 413:
      return { kind: 'tooLarge', reason }
    case 401:
    case 403:
      return { kind: 'forbidden', reason }
    default:
      return status < 300 ? delivered : { kind: 'failed', retryable: status >= 500 || status === 408, reason }
  }
}
