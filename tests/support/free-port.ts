import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port of `localhost` that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('The server was not listening on a TCP port')
  return address.port
}
