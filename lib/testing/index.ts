import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { invokeFunction } from '../local/lambda'

export interface ServiceOptions {
  /** The folder of its serverless.yml: the working directory if left out. */
  readonly folder?: string
  /** Added to the environment, or removed from it where undefined. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Added to the command line, such as `--stage`. */
  readonly args?: readonly string[]
  /** A file that gets what the process writes, for other processes to read. */
  readonly outputFile?: string
}

/** A running service: its addresses, what it wrote, and its end. */
export interface Service {
  readonly webSocketUrl: string
  readonly httpUrl: string
  readonly dynamoDbEndpoint: string
  /** Takes what other programs publish: the `EventsTopicArn` is `arn:aws:sns:<region>:000000000000:<service>-<stage>-messages`. */
  readonly snsEndpoint: string
  /** Answers a token for its query, such as `?sub=ann&groups=staff`; undefined if the service has another issuer. */
  readonly tokenUrl: string | undefined
  readonly processId: number | undefined
  /** Everything that the process has written so far. */
  readonly output: () => string
  /**
   * Invokes a function by its full name, such as `delivery-dev-kitchen`, with what an event source sends it, such as an event of
   * EventBridge. Rejects with the function's own message if it throws or times out.
   */
  readonly invoke: (functionName: string, event: unknown) => Promise<void>
  /** Ends the service as ctrl-c does and resolves when its process is gone. Stopping twice is allowed. */
  readonly stop: () => Promise<void>
}

/** It takes three seconds, on a machine with other work some more. */
const startTimeoutMs = 80_000

/** serverless-offline gives open connections five seconds. */
const stopTimeoutMs = 15_000

/** The shell's own choices must not send a test to AWS, to an emulator of the user's or to another issuer of tokens. */
const hermetic = {
  TOKEN_ISSUER: undefined,
  TOKEN_AUDIENCE: undefined,
  AWS_ENDPOINT_URL_DYNAMODB: undefined,
  AWS_ENDPOINT_URL_SNS: undefined,
}

/**
 * Starts a service for tests: `sls offline start` with its stand-ins for AWS, on free ports, so that several can run at
 * once and beside one on the default ports. Resolves when it answers; rejects with its output if it ends before that or does
 * not answer within 80 s. The caller stops it; it does not outlive this process.
 */
export async function startService({ env, ...options }: ServiceOptions = {}): Promise<Service> {
  const running = runOffline({ env: { ...(await freePorts()), ...env }, ...options })
  try {
    await untilReady(running)
  } catch (error) {
    await running.stop()
    throw new Error(`The service did not start. Its output:\n${running.output()}`, { cause: error })
  }
  return {
    processId: running.process.pid,
    webSocketUrl: announced(running, /WebSocket +(\S+)/),
    httpUrl: announced(running, /HTTP +(\S+)/),
    dynamoDbEndpoint: announced(running, /DynamoDB +(\S+)/),
    snsEndpoint: announced(running, /SNS +(\S+)/),
    tokenUrl: /Tokens +(http\S+\/token)/.exec(running.output())?.[1],
    output: running.output,
    invoke: (functionName, event) => invokeFunction(announced(running, /Lambda +(\S+)/), functionName, event),
    stop: running.stop,
  }
}

/** @internal */
export interface Running {
  readonly process: ChildProcess
  readonly output: () => string
  /** The exit code, or null when a signal ended it. */
  readonly exited: Promise<number | null>
  /** Ends it with SIGTERM, or with SIGKILL when that does not help, and resolves when it is gone. */
  readonly stop: () => Promise<void>
}

/** @internal Runs `sls offline start` and waits for nothing. It does not outlive this process. */
export function runOffline({ folder = process.cwd(), env, args = [], outputFile }: ServiceOptions): Running {
  // Without npx or a shell in between, this process has its process id and its exit code.
  const command = createRequire(join(folder, 'serverless.yml')).resolve('serverless/bin/serverless.js')
  const child = spawn(process.execPath, [command, 'offline', 'start', '--noSponsor', ...args], {
    cwd: folder,
    env: { ...process.env, ...hermetic, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const exited = once(child, 'close').then(([code]) => code as number | null)
  return { process: child, output: collectOutput(child, outputFile), exited, stop: () => stop(child, exited) }
}

function collectOutput({ stdout, stderr }: ChildProcess, outputFile?: string): () => string {
  let output = ''
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (outputFile !== undefined) appendFileSync(outputFile, text)
    })
  }
  return () => output
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM')
  const impatience = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  await exited
  clearTimeout(impatience)
}

async function untilReady({ process: child, output, exited }: Running): Promise<void> {
  const signal = AbortSignal.timeout(startTimeoutMs)
  const ready = async (): Promise<void> => {
    while (child.stdout && !/^Ready\.$/m.test(output())) await once(child.stdout, 'data', { signal })
  }
  const ended = async (): Promise<never> => {
    throw new Error(`It ended with exit code ${String(await exited)}`)
  }
  await Promise.race([ready(), ended()])
}

function announced({ output }: Running, line: RegExp): string {
  const [, address] = line.exec(output()) ?? []
  if (address === undefined) throw new Error(`No ${String(line)} in the output:\n${output()}`)
  return address
}

/** @internal Ports for the environment of a service. Stand-ins for AWS can take port 0, and say what they got; the others cannot. */
export async function freePorts(): Promise<Readonly<Record<string, string>>> {
  const ports: Record<string, string> = { DYNAMODB_PORT: '0', SNS_PORT: '0' }
  const variables = ['HTTP_PORT', 'WEBSOCKET_PORT', 'LAMBDA_PORT', 'TOKEN_ISSUER_PORT']
  const servers = await Promise.all(variables.map(listenSomewhere))
  for (const [n, server] of servers.entries()) {
    ports[String(variables[n])] = String((server.address() as AddressInfo).port)
    server.close()
    await once(server, 'close')
  }
  return ports
}

/**
 * Listens on a port below those that operating systems give to outgoing connections (from 32,768 on Linux, from 49,152 elsewhere): one of
 * these would be taken again before the service listens.
 */
async function listenSomewhere(): Promise<Server> {
  for (;;) {
    const server = createServer().listen(randomInt(10_000, 32_000), 'localhost')
    try {
      await once(server, 'listening')
      return server
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}
