import { createHash, type Hash } from 'node:crypto'
import { type AwsEndpoint, createAwsEndpoint } from '../aws/aws-endpoint'
import type { CurrentCredentials } from '../aws/credentials'
import { sha256, uriEncode } from '../aws/signature'
import { HttpRequestError } from '../http/http-message'
import type { HttpPoolOptions, HttpVersion } from '../http/http-pool'
import { messageOf } from '../errors'

/**
 * What became of one frame. Delivered means accepted by API Gateway, not received by the client. What is
 * retryable may have been delivered all the same, if only the answer was lost.
 */
export type Delivery =
  | { readonly kind: 'delivered' }
  /** The connection is over (410). */
  | { readonly kind: 'gone' }
  /** The account's quota is used up for the moment (429). */
  | { readonly kind: 'throttled'; readonly reason: string }
  /** The frame is longer than API Gateway takes (413). */
  | { readonly kind: 'tooLarge'; readonly reason: string }
  /** The function may not post to this API (401, 403). */
  | { readonly kind: 'forbidden'; readonly reason: string }
  | { readonly kind: 'failed'; readonly retryable: boolean; readonly reason: string }

export interface Delivering {
  readonly callbackUrl: string
  readonly connectionId: string
  readonly head: SharedText
  /** What follows the head in this one frame. */
  readonly rest: string
}

/** Posts a frame to a client's callback URL. It never throws: each outcome is a value, so that none hurts the others. */
export type Deliver = (delivering: Delivering) => Promise<Delivery>

/** The beginning of many frames, whose length is taken once, as is the hash of a long one: the id, which differs, comes last in a frame. */
export interface SharedText {
  readonly text: string
  readonly bytes: number
  readonly sha256: Hash | undefined
}

/** To go on from the hash of something shorter takes longer than to take it anew. */
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
  /** Closes a connection, with the code 1000, which cannot be chosen. One that is `gone` is closed already. It never throws. */
  readonly close: (connection: Pick<Delivering, 'callbackUrl' | 'connectionId'>) => Promise<Delivery>
  /** As `HttpPool.preconnect`. */
  readonly preconnect: (callbackUrl: string) => void
  /** As `HttpPool.httpVersion`, of the API at a callback URL. */
  readonly httpVersion: (callbackUrl: string) => HttpVersion | undefined
  /** Gives up the pool of sockets to API Gateway. */
  readonly destroy: () => void
}

/** Calls @connections by signed requests over sockets that are kept for the process's life. */
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

/** "PostToConnection" and "DeleteConnection", Amazon API Gateway Management API. Behind emulators the body can be missing: the status decides. */
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
