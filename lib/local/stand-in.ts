import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'

/** A server on this machine that answers in place of an AWS service. */
export interface StandIn {
  /** Base URL for the SDK's `endpoint`, with the port that was really opened. */
  readonly endpoint: string
  /** Drops open connections and frees the port. Closing twice is allowed. */
  readonly close: () => Promise<void>
}

/**
 * Opens `server` on `localhost`, never on an address that others on the network could reach. Port 0 takes any free port.
 * Rejects with Node's error when the port is taken.
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
  if (address === null || typeof address === 'string') throw new Error('The server is not listening on a TCP port')
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
    // close() waits for requests that are only half sent.
    server.closeAllConnections()
  })
}
