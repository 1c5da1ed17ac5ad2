import type { CountingAws, Counts } from '../counting-aws/server'
import { type ClientFrames, currentFrames, legacyFrames } from '../drivers/client-frames'
import { connectEvent, disconnectEvent, messageEvent } from '../drivers/gateway-events'
import { type Driver, startDriver } from '../drivers/start'
import { connectionIdOf } from '../model'
import { type Plan, reasonOf } from './plan'

/** The AWS calls of one client operation, without the function itself. */
export interface OperationRow extends Counts {
  readonly contender: string
  readonly operation: string
  /** API Gateway messages, in either direction. */
  readonly messages: number
  readonly failure?: string
}

interface Client {
  readonly contender: string
  /** The functions for $connect, $default and $disconnect. */
  readonly connect: string
  readonly default: string
  readonly disconnect: string
  /** The frames of its n-th connection. */
  readonly frames: (n: number) => ClientFrames
}

const project = { connect: 'connect', default: 'default', disconnect: 'disconnect' }
const clientId = 'b2f6a1f0-6a7e-4b8e-9d0e-0c6f1f0f9a11'
const clients: readonly Client[] = [
  { contender: 'this project', ...project, frames: () => legacyFrames() },
  {
    contender: 'this project, with a clientId',
    ...project,
    frames: (n) => legacyFrames({ clientId: clientId + String(n) }),
  },
  {
    contender: 'graphql-lambda-subscriptions',
    ...everywhere('drivers/lambda-subscriptions.js'),
    frames: () => currentFrames,
  },
  { contender: 'aws-lambda-graphql', ...everywhere('aws-lambda-graphql/driver.js'), frames: () => legacyFrames() },
]

function everywhere(file: string) {
  return { connect: file, default: file, disconnect: file }
}

/** One client connects, subscribes, stops, subscribes again and disconnects, among other clients. */
export async function countOperations(
  { aws, certificateFile }: { readonly aws: CountingAws; readonly certificateFile: string },
  { others }: Plan,
): Promise<readonly OperationRow[]> {
  const rows: OperationRow[] = []
  for (const client of clients) {
    const drivers = await startDrivers(client, { origin: aws.origin, certificateFile })
    try {
      for (let n = 0; n < others; n++) {
        for (const step of stepsOf(client, n).slice(0, 3)) await drivers[step.route].invoke(step.event)
      }
      for (const step of stepsOf(client, others)) rows.push(await count(step, { client, drivers, aws }))
    } finally {
      for (const driver of new Set(Object.values(drivers))) driver.stop()
    }
  }
  return rows
}

type Route = 'connect' | 'default' | 'disconnect'
type Drivers = Readonly<Record<Route, Driver>>

interface Step {
  readonly operation: string
  readonly route: Route
  readonly event: object
}

function stepsOf(client: Client, n: number): readonly Step[] {
  const frames = client.frames(n)
  const connectionId = connectionIdOf(n)
  const says = (operation: string, frame: object): Step => {
    return { operation, route: 'default', event: messageEvent(connectionId, frame) }
  }
  return [
    { operation: 'connect', route: 'connect', event: connectEvent(connectionId) },
    says('connection_init', frames.init),
    says('subscribe', frames.subscribe('1')),
    says('stop', frames.stop('1')),
    says('subscribe again', frames.subscribe('2')),
    { operation: 'disconnect', route: 'disconnect', event: disconnectEvent(connectionId) },
  ]
}

interface Counting {
  readonly client: Client
  readonly drivers: Drivers
  readonly aws: CountingAws
}

async function count({ operation, route, event }: Step, { client, drivers, aws }: Counting): Promise<OperationRow> {
  aws.take()
  const row = { contender: client.contender, operation }
  try {
    const { result } = await drivers[route].invoke(event)
    const counts = aws.take()
    if (counts.calls['TransactWriteItems'] !== undefined)
      throw new Error('Expected no transactions, which dynalite does not support.')
    const sent = route === 'default' ? 1 : 0
    // On a route with a response, the function's result goes to the client. The libraries post it instead, or do both.
    const answered = sent === 1 && client.connect === 'connect' && hasBody(result) ? 1 : 0
    return { ...row, ...counts, messages: sent + answered + (counts.calls['PostToConnection'] ?? 0) }
  } catch (error) {
    return { ...row, calls: {}, readUnits: NaN, writeUnits: NaN, messages: NaN, failure: reasonOf(error) }
  }
}

function hasBody(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'body' in result && Boolean(result.body)
}

async function startDrivers(client: Client, where: { origin: string; certificateFile: string }): Promise<Drivers> {
  const start = (name: string) =>
    name.endsWith('.js')
      ? startDriver({ file: name, ...where })
      : startDriver({ file: 'drivers/project.js', settings: { FUNCTION: name }, ...where })
  const connect = await start(client.connect)
  if (client.connect === client.default) return { connect, default: connect, disconnect: connect }
  return { connect, default: await start(client.default), disconnect: await start(client.disconnect) }
}
