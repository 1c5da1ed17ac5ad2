/** What is used of a WebSocket: the browser's, the one of Node 22 and later, and that of the package `ws` have it. */
export interface WebSocketLike {
  readonly readyState: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(text: string): void
  close(code?: number, reason?: string): void
}

export type WebSocketConstructor = new (
  url: string | URL,
  protocols?: string | string[],
  ...options: never[]
) => WebSocketLike

/** What a connection's end says. */
export interface CloseEventLike {
  readonly code: number
  readonly reason: string
}

export const [connecting, open, closing, closed] = [0, 1, 2, 3] as const
