import type { TLSSocket } from 'node:tls'

/** Calls back with each request of a socket, as its head and its body. */
export function onRequests(socket: TLSSocket, answer: (head: string, body: string) => void): void {
  socket.setNoDelay()
  socket.on('error', () => socket.destroy())
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    for (;;) {
      const headEnd = text.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const bytes = Number(/content-length: *(\d+)/i.exec(text.slice(0, headEnd))?.[1] ?? 0)
      const end = headEnd + 4 + bytes
      if (text.length < end) return
      const [head, body] = [text.slice(0, headEnd), text.slice(headEnd + 4, end)]
      text = text.slice(end)
      answer(head, body)
    }
  })
}

export function response(status: number, body: string): string {
  return `HTTP/1.1 ${status} .\r\nDate: Mon, 23 Nov 2026 06:00:00 GMT\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: keep-alive\r\nx-amzn-RequestId: 3a5f1c2e-0000-1111-2222-333344445555\r\n\r\n${body}`
}

export function respond(socket: TLSSocket, text: string, afterMs: number): void {
  if (afterMs === 0) socket.write(text)
  else setTimeout(() => socket.write(text), afterMs)
}
