import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { outDir } from './build'
import type { Measurement } from './contenders/measure'
import type { StandInCommand, StandInReport } from './model'

/** Core 0 is for what is measured, core 1 for what stands in, so that neither takes the other's time. */
const canPin = process.platform === 'linux' && availableParallelism() > 1

function startPinned(core: 0 | 1, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const command = canPin ? ['taskset', '-c', String(core), process.execPath] : [process.execPath]
  const [program = '', ...options] = [...command, ...args]
  return spawn(program, options, {
    env: { ...process.env, ...env, AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

function reply<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => {
      reject(new Error(`A process ended with ${String(code)}.`))
    }
    child.once('exit', onExit)
    child.once('message', (message) => {
      child.off('exit', onExit)
      resolve(message as T)
    })
  })
}

export interface StandIns {
  readonly origin: string
  readonly certificateFile: string
  readonly keyFile: string
  /** Sets how they behave from now on, and tells what there was since the last time. */
  readonly behave: (command: StandInCommand) => Promise<StandInReport>
  readonly stop: () => void
}

export async function startStandIns(): Promise<StandIns> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', keyFile, '-out', certificateFile, ...subject], {
    stdio: 'ignore',
  })
  const child = startPinned(1, [join(outDir, 'stand-ins.js'), keyFile, certificateFile])
  const { port } = await reply<{ port: number }>(child)
  return {
    origin: `https://localhost:${port}`,
    certificateFile,
    keyFile,
    behave: (command) => {
      child.send(command)
      return reply(child)
    },
    stop: () => child.disconnect(),
  }
}

export interface Contender {
  readonly publish: (subscribers: number) => Promise<Measurement>
  readonly stop: () => void
}

/** Starts a contender in a fresh process. Resolves when it is loaded. */
export async function startContender(
  name: string,
  { origin, certificateFile, keyFile }: StandIns,
  settings: Readonly<Record<string, string>> = {},
): Promise<Contender> {
  const child = startPinned(0, [join(outDir, 'contenders', `${name}.js`)], {
    NODE_EXTRA_CA_CERTS: certificateFile,
    KEY_FILE: keyFile,
    CALLBACK_URL: `${origin}/dev`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_DYNAMODB: origin,
    AWS_ENDPOINT_URL_SNS: origin,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    CLIENTS_TABLE: 'clients',
    POWERTOOLS_SERVICE_NAME: 'bench',
    POWERTOOLS_METRICS_NAMESPACE: 'Bench',
    LEFTOVERS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:leftovers',
    UNDELIVERED_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:undelivered',
    // The others have no rate limit, and no bound: all in one invocation, as fast as it can.
    PUBLISH_RATE_PER_SECOND: '1000000',
    PUBLISH_BURST: '1000000',
    PUBLISH_MAX_RECIPIENTS: '1000000',
    ...settings,
  })
  const sockets = name === 'stateful' ? await openSockets(child, certificateFile) : undefined
  if (!sockets) await reply(child)
  return {
    publish: async (subscribers) => {
      child.send({ subscribers })
      const answer = await reply<Measurement | { readonly failure: string }>(child)
      if ('failure' in answer) throw new Error(`${name}, ${subscribers} subscribers: ${answer.failure}`)
      return answer
    },
    stop: () => {
      sockets?.disconnect()
      child.disconnect()
    },
  }
}

/** The sizes that the stateful server has sockets for. */
let socketSizes: readonly number[] = []
export function prepareSocketsFor(sizes: readonly number[]): void {
  socketSizes = sizes
}

async function openSockets(server: ChildProcess, certificateFile: string): Promise<ChildProcess> {
  const port = await new Promise<number>((resolve) => {
    server.on('message', (message: { port?: number }) => {
      if (message.port !== undefined) resolve(message.port)
    })
  })
  const sockets = startPinned(1, [join(outDir, 'sockets.js')], { NODE_EXTRA_CA_CERTS: certificateFile })
  for (const subscribers of socketSizes) {
    sockets.send({ port, subscribers })
    await reply(sockets)
  }
  return sockets
}

/** Milliseconds that a fresh process takes to load a file, and to end. */
export function loadMs(file: string): number {
  const args = canPin ? ['taskset', '-c', '0', process.execPath, file] : [process.execPath, file]
  const [program = '', ...options] = args
  const env = {
    ...process.env,
    AWS_REGION: 'us-east-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
    CLIENTS_TABLE: 't',
    MESSAGES_TABLE: 'm',
    CALLBACK_URL: 'https://localhost/dev',
    ALLOWED_ORIGINS: '*',
    ACCESS: 'open',
    REQUESTS_TOPIC_ARN: 'r',
    MESSAGES_TOPIC_ARN: 'm',
    POWERTOOLS_SERVICE_NAME: 'bench',
    POWERTOOLS_METRICS_NAMESPACE: 'Bench',
    LEFTOVERS_TOPIC_ARN: 'l',
    UNDELIVERED_TOPIC_ARN: 'u',
    TARGET_LANGUAGE: 'fr',
  }
  const startMs = performance.now()
  execFileSync(program, options, { env, stdio: 'ignore' })
  return performance.now() - startMs
}
