import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP proxy between clients and a service, which a test can cut. */
export interface Line {
  readonly webSocketUrl: string
  /** Breaks all connections, and each new one until `repair`. */
  readonly cut: () => void
  readonly repair: () => void
  readonly close: () => Promise<void>
}

/** Starts a line to the WebSocket API at `url`. The caller closes it. */
export async function startLine(url: string): Promise<Line> {
  const { hostname: host, port } = new URL(url)
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect({ host, port: Number(port) })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  })
  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  server.listen(0, 'localhost')
  await once(server, 'listening')
  return {
    webSocketUrl: `ws://localhost:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true
      breakAll()
    },
    repair: () => {
      isCut = false
    },
    close: async () => {
      breakAll()
      server.close()
      await once(server, 'close')
    },
  }
}
