/** What came from the service: a message of the protocol, or the end of the connection in the form of a frame. */
export type ServerFrame =
  | { readonly kind: 'message'; readonly type: string; readonly id: string; readonly payload: Payload | undefined }
  /** `refusal`: trying again cannot help. */
  | { readonly kind: 'refusal' | 'loss'; readonly reason: string }

/** Of a result, or the first error. */
export interface Payload {
  readonly message?: string
  readonly extensions?: { readonly cursor?: string; readonly resume?: string; readonly code?: string }
}

/**
 * Whether a close code says that trying again cannot help: a violation of the protocol, or a token that is not taken.
 */
export function isRefusal(code: string): boolean {
  return code === '4400' || code === '4403'
}

export function readFrame(text: string): ServerFrame {
  const { type, id = '', payload, message } = parse(text)
  // API Gateway's own: an integration was throttled, or has failed. Nothing says which message was.
  if (typeof type !== 'string') return { kind: 'loss', reason: `API Gateway says: ${String(message)}` }
  // @connections closes with 1000 only, so the service sends the code before that.
  const [, code, reason] = /^(4\d\d\d): (.*)/s.exec(type) ?? []
  if (code !== undefined && reason !== undefined) return { kind: isRefusal(code) ? 'refusal' : 'loss', reason }
  return { kind: 'message', type, id, payload: [payload].flat()[0] }
}

interface Frame {
  readonly type?: unknown
  readonly id?: string
  readonly message?: unknown
  readonly payload?: Payload | readonly Payload[]
}

function parse(text: string): Frame {
  try {
    return JSON.parse(text) as Frame
  } catch {
    return { message: text }
  }
}
