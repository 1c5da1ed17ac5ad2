import type { CountingAws } from '../counting-aws/server'
import type { Invocation } from '../drivers/drive'
import { legacyFrames } from '../drivers/client-frames'
import { connectEvent, disconnectEvent, messageEvent } from '../drivers/gateway-events'
import { type Driver, startDriver } from '../drivers/start'
import { connectionIdOf, everyone, translation } from '../model'
import type { StandIns } from '../stand-ins/start'
import { median, type Plan } from './plan'

/** The CPU, memory and AWS calls of a function. */
export interface FunctionCost {
  readonly name: string
  readonly what: string
  /**
   * CPU time in milliseconds: until it is loaded; of the first invocation, which opens connections; of a typical later
   * one.
   */
  readonly initMs: number
  readonly firstMs: number
  readonly warmMs: number
  readonly peakMegabytes: number
  /** AWS calls of a warm invocation. */
  readonly calls: Readonly<Record<string, number>>
}

interface Typical {
  readonly name: string
  readonly what: string
  readonly event: (n: number) => object
  /** Invocations of other functions that have to come first. */
  readonly before?: (n: number, others: Others) => Promise<unknown>
}

type Others = Readonly<Record<'connect' | 'default', Driver>>

const { init, subscribe } = legacyFrames()
const chatters = everyone(1_000)
const typical: readonly Typical[] = [
  { name: 'connect', what: 'a connection', event: (n) => connectEvent(connectionIdOf(n)) },
  {
    name: 'default',
    what: 'a subscription',
    before: async (n, { connect }) => {
      await connect.invoke(connectEvent(connectionIdOf(n)))
    },
    event: (n) => messageEvent(connectionIdOf(n), subscribe('1')),
  },
  {
    name: 'disconnect',
    what: 'one with a subscription',
    before: async (n, others) => {
      await others.connect.invoke(connectEvent(connectionIdOf(n)))
      await others.default.invoke(messageEvent(connectionIdOf(n), init))
      await others.default.invoke(messageEvent(connectionIdOf(n), subscribe('1')))
    },
    event: (n) => disconnectEvent(connectionIdOf(n)),
  },
  { name: 'graphql', what: 'a mutation', event: () => httpEvent },
  { name: 'translate', what: 'a message', event: (n) => snsEvent(request(n)) },
  { name: 'publish', what: 'to 1,000', event: (n) => snsEvent(translation(chatters, `cost ${n}`)) },
]

const httpEvent = {
  rawPath: '/graphql',
  rawQueryString: '',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: 'mutation { sendMessage(chatId: "lobby", text: "Good morning") { id } }' }),
  requestContext: { http: { method: 'POST' } },
}

function request(n: number): object {
  return {
    id: String(n),
    chatId: 'lobby',
    text: 'Good morning',
    author: null,
    to: null,
    sentAt: '2026-11-23T06:00:00.000Z',
  }
}

function snsEvent(message: object): object {
  return { Records: [{ Sns: { MessageId: crypto.randomUUID(), Message: JSON.stringify(message) } }] }
}

/** `publish` calls the stand-ins of the fan-out measurements; all other functions call dynalite. */
export async function measureFunctionCosts(
  { aws, standIns }: { readonly aws: CountingAws; readonly standIns: StandIns },
  { isShort }: Plan,
): Promise<readonly FunctionCost[]> {
  const { certificateFile } = standIns
  const start = (name: string, origin = aws.origin) =>
    startDriver({ file: 'drivers/project.js', origin, certificateFile, settings: { FUNCTION: name } })
  const others = { connect: await start('connect'), default: await start('default') }
  const costs: FunctionCost[] = []
  for (const { name, what, event, before } of typical) {
    const driver = await start(name, name === 'publish' ? standIns.origin : aws.origin)
    const invocations: Invocation[] = []
    let calls: Readonly<Record<string, number>> = {}
    for (let n = 0; n < (isShort ? 40 : 200); n++) {
      await before?.(n, others)
      aws.take()
      await standIns.behave({ delayMs: 10 })
      invocations.push(await driver.invoke(event(n)))
      calls = name === 'publish' ? (await standIns.behave({ delayMs: 10 })).calls : aws.take().calls
    }
    driver.stop()
    const [first, ...warm] = invocations
    costs.push({
      name,
      what,
      initMs: driver.loaded.cpuUs / 1000,
      firstMs: (first?.cpuUs ?? NaN) / 1000,
      // The first half still includes compilation.
      warmMs: median(warm.slice(warm.length / 2).map(({ cpuUs }) => cpuUs)) / 1000,
      peakMegabytes: Math.max(...invocations.map(({ peakBytes }) => peakBytes)) / 2 ** 20,
      calls,
    })
  }
  for (const driver of Object.values(others)) driver.stop()
  return costs
}
