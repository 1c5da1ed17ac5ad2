import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'

/** A local server in place of an AWS service. */
export interface StandIn {
  /** Base URL for the SDK's `endpoint`, with the actual port. */
  readonly endpoint: string
  /** Drops open connections and frees the port. Idempotent. */
  readonly close: () => Promise<void>
}

/**
 * Opens `server` on `localhost`, never on an address that the network can reach. Port 0 means any free port. Rejects
 * with Node's error if the port is in use.
 */
export async function listen(server: Server, port: number): Promise<StandIn> {
  server.listen(port, 'localhost')
  await once(server, 'listening')
  return { endpoint: `http://localhost:${openPort(server)}`, close: () => close(server) }
}

/** The whole body of a request. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function openPort(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected the server to listen on a TCP port.')
  return address.port
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!server.listening) {
      resolve()
      return
    }
    server.close((error) => {
      if (error) reject(error)
      else resolve()
    })
    // close() waits for incomplete requests.
    server.closeAllConnections()
  })
}
