import type { OperationMessage } from './operation'
import { closed, closing, connecting, open, type WebSocketConstructor, type WebSocketLike } from './web-socket'

/** What a library sends. */
export type LibraryMessage = OperationMessage | { readonly type: string; readonly payload?: object }

/** The end of a connection that a library holds. It is open until the library closes it. */
export interface LibrarySocket extends WebSocketLike {
  /** Opens a socket to the service, with what the library gave the constructor. */
  readonly connect: () => WebSocketLike
  /** Hands a frame to the library. */
  receive(text: string): void
}

export interface LibrarySocketEvents {
  /** May throw: the constructor then does. */
  readonly opened: (socket: LibrarySocket) => void
  readonly sent: (message: LibraryMessage, text: string) => void
  readonly closed: () => void
}

/** Makes the class that a library takes for `WebSocket`. It opens at once, and closes only when the library says so. */
export function librarySocket(Impl: WebSocketConstructor, events: LibrarySocketEvents): WebSocketConstructor {
  return class implements LibrarySocket {
    static readonly CONNECTING = connecting
    static readonly OPEN = open
    static readonly CLOSING = closing
    static readonly CLOSED = closed
    readyState: number = connecting
    onopen: WebSocketLike['onopen'] = null
    onmessage: WebSocketLike['onmessage'] = null
    onclose: WebSocketLike['onclose'] = null
    onerror: WebSocketLike['onerror'] = null
    readonly connect: () => WebSocketLike

    constructor(url: string | URL, protocols: string | string[] = [], ...options: never[]) {
      this.connect = () => new Impl(url, protocols, ...options)
      events.opened(this)
      queueMicrotask(() => {
        if (this.readyState !== connecting) return
        this.readyState = open
        this.onopen?.({} as never)
      })
    }

    send(text: string): void {
      events.sent(JSON.parse(text) as LibraryMessage, text)
    }

    close(code = 1000, reason = ''): void {
      if (this.readyState === closed) return
      this.readyState = closed
      events.closed()
      queueMicrotask(() => this.onclose?.({ code, reason, wasClean: true } as never))
    }

    receive(text: string): void {
      this.onmessage?.({ data: text } as never)
    }
  }
}
