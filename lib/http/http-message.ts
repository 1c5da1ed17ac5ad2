/** A header field, its name in lower case. */
export type Header = readonly [name: string, value: string]

export interface HttpRequest {
  readonly method: string
  readonly path: string
  /** Header fields shared by many requests, including `host`. The same list is encoded once. */
  readonly shared: readonly Header[]
  /** Header fields of this request only. */
  readonly own: readonly Header[]
  readonly body: string
  /** UTF-8 bytes of the body. */
  readonly bodyBytes: number
}

export interface HttpResponse {
  readonly status: number
  readonly body: string
}

/** A request received no response. */
export class HttpRequestError extends Error {
  override readonly name = 'HttpRequestError'
  /** `dropped`: the pool was closed. `unprocessed`: the server reported that it did not process the request. */
  readonly reason: 'timeout' | 'unreachable' | 'closed' | 'malformed' | 'dropped' | 'unprocessed'

  constructor(reason: HttpRequestError['reason'], message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

/** The server violated the protocol. Its connection cannot be used any more. */
export class MalformedResponseError extends Error {
  override readonly name = 'MalformedResponseError'
}

/** More than any AWS service sends. Without a limit, an endless header could fill the memory. */
export const maxHeadBytes = 65_536
