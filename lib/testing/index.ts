import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { invokeFunction } from '../local/lambda'

export interface ServiceOptions {
  /** The folder of its serverless.yml. Default: the working directory. */
  readonly folder?: string
  /** Variables to set in the environment, or to remove from it if undefined. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Added to the command line, for example `--stage`. */
  readonly args?: readonly string[]
  /** A file that receives the output of the process, for other processes to read. */
  readonly outputFile?: string
}

/** A running service. */
export interface Service {
  readonly webSocketUrl: string
  readonly httpUrl: string
  readonly dynamoDbEndpoint: string
  /**
   * Accepts events from other programs, at `EventsTopicArn`, which is
   * `arn:aws:sns:<region>:000000000000:<service>-<stage>-messages`.
   */
  readonly snsEndpoint: string
  /**
   * The URL that issues tokens, by a query such as `?sub=ann&groups=staff`; undefined if the service has another
   * issuer.
   */
  readonly tokenUrl: string | undefined
  readonly processId: number | undefined
  /** The output of the process so far. */
  readonly output: () => string
  /** Stops the service like ctrl-c. Resolves when its process has ended. Idempotent. */
  readonly stop: () => Promise<void>
  /**
   * Invokes a function by its full name, such as `delivery-dev-kitchen`, with the event of an event source, such as
   * EventBridge. Rejects with the function's error message if it throws or times out.
   */
  readonly invoke: (functionName: string, event: unknown) => Promise<void>
}

/** A start takes 3 s, or more on a busy machine. */
const startTimeoutMs = 80_000

/** serverless-offline gives open connections 5 s. */
const stopTimeoutMs = 15_000

/** Variables of the shell must not direct a test to AWS, to an emulator, or to another token issuer. */
const hermetic = {
  TOKEN_ISSUER: undefined,
  TOKEN_AUDIENCE: undefined,
  AWS_ENDPOINT_URL_DYNAMODB: undefined,
  AWS_ENDPOINT_URL_SNS: undefined,
}

/**
 * Starts a service for tests: `sls offline start` with its stand-ins for AWS, on free ports, so that several services
 * can run at once, even beside one on the default ports. Resolves when it responds. Rejects with its output if it ends
 * before that, or does not respond within 80 s. The caller must stop it; it ends with this process at the latest.
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
  /** The exit code, or null if a signal ended it. */
  readonly exited: Promise<number | null>
  /** Stops it with SIGTERM, or with SIGKILL if that has no effect. Resolves when it has ended. */
  readonly stop: () => Promise<void>
}

/** @internal Runs `sls offline start` without waiting. It ends with this process at the latest. */
export function runOffline({ folder = process.cwd(), env, args = [], outputFile }: ServiceOptions): Running {
  // Without npx or a shell in between, this process has its process id and exit code.
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

/**
 * @internal Free ports for the environment of a service. Stand-ins for AWS accept port 0 and report their port; the
 * others do not.
 */
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
 * Listens on a port below those that operating systems give to outgoing connections (from 32,768 on Linux, from 49,152
 * elsewhere): another process could take one of these before the service listens.
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
