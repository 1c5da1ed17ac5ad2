import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors'

/** A port that the local service opens. */
export interface Port {
  readonly number: number
  /** What listens there, as users call it, for example "the WebSocket API". */
  readonly purpose: string
  /** The environment variable that sets it. */
  readonly variable: string
}

/** The service cannot start. The message tells the user why. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/**
 * Resolves if every one of `ports` can be opened on `host`, and leaves them free. Rejects with a StartError that names
 * the first one that cannot. Another program may still take a port before its owner opens it.
 */
export async function checkPorts(host: string, ports: readonly Port[]): Promise<void> {
  const held: Server[] = []
  try {
    // All are held until the end, so that two variables with the same number are found too.
    for (const port of ports) held.push(await hold(host, port))
  } finally {
    await Promise.all(held.map(release))
  }
}

async function hold(host: string, port: Port): Promise<Server> {
  const server = createServer()
  try {
    server.listen(port.number, host)
    await once(server, 'listening')
    return server
  } catch (error) {
    throw new StartError(explain(port, error))
  }
}

function explain({ number, purpose, variable }: Port, error: unknown): string {
  if (isCode(error, 'EADDRINUSE')) {
    return `Port ${number} for ${purpose} is already in use, probably by another instance of this service: stop it, or set ${variable} to another port.`
  }
  const reason = messageOf(error)
  return `Port ${number} for ${purpose} cannot be opened (${reason}): set ${variable} to another port.`
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

async function release(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}

/** Resolves when something accepts connections on the port. */
export async function untilOpen(host: string, port: number): Promise<void> {
  while (!(await isOpen(host, port))) await sleep(50)
}

/** Whether something accepts connections on the port. */
export async function isOpen(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
