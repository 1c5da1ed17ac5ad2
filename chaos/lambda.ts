import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { serviceDir } from '../local/offline-command'

/** A function as Lambda runs it: in its own process, which is kept for the next invocation and may die at any time. */
export interface LambdaFunction {
  /** Rejects if the function throws, times out or is killed. */
  readonly invoke: (event: unknown) => Promise<unknown>
  /** Ends its process, and everything that runs there. */
  readonly kill: () => void
}

export interface FunctionOptions {
  /** Also the file name of its handler in the fixture API. */
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
  /** Lambda ends the function after this time. */
  readonly timeoutMs: number
}

export interface Functions {
  readonly start: (options: FunctionOptions) => LambdaFunction
  readonly close: () => void
}

const runner = `
const { parentPort, workerData } = require('node:worker_threads')
const { handler } = require(workerData.file)
parentPort.on('message', async ({ id, event }) => {
  const endMs = Date.now() + workerData.timeoutMs
  try {
    const result = await handler(event, {
      awsRequestId: String(id),
      invokedFunctionArn: 'chaos',
      getRemainingTimeInMillis: () => endMs - Date.now(),
    })
    parentPort.postMessage({ id, result })
  } catch (error) {
    parentPort.postMessage({ id, error: String(error && error.stack || error) })
  }
})`

/** The files of functions, bundled as for a deployment. */
export interface Bundles {
  /** Contains `<handler>.js` for each handler. */
  readonly folder: string
  readonly remove: () => Promise<void>
}

/** Bundles handlers of the fixture API. The caller removes them. */
export async function bundleHandlers(handlers: readonly string[]): Promise<Bundles> {
  const folder = await mkdtemp(join(tmpdir(), 'chaos-'))
  const entryPoints = handlers.map((handler) => join(serviceDir, 'tests/fixture/handlers', `${handler}.ts`))
  await build({ entryPoints, outdir: folder, bundle: true, platform: 'node', mainFields: ['module', 'main'] })
  return { folder, remove: () => rm(folder, { recursive: true }) }
}

/** Runs handlers from the folder of their bundles. */
export function createFunctions(bundles: string): Functions {
  const started: LambdaFunction[] = []
  let closed = false
  return {
    start(options) {
      const lambda = createFunction({ ...options, file: join(bundles, `${options.name}.js`) })
      started.push(lambda)
      return {
        ...lambda,
        invoke: (event) => (closed ? Promise.reject(new Error('The cloud is closed.')) : lambda.invoke(event)),
      }
    },
    close: () => {
      closed = true
      for (const { kill } of started) kill()
    },
  }
}

interface Reply {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

interface Running extends FunctionOptions {
  /** Exports its handler. */
  readonly file: string
}

function createFunction({ name, file, environment, timeoutMs }: Running): LambdaFunction {
  let process_: { worker: Worker; waiting: Map<number, Waiting> } | undefined
  let ids = 0

  const start = () => {
    const waiting = new Map<number, Waiting>()
    const worker = new Worker(runner, { eval: true, env: { ...environment }, workerData: { file, timeoutMs } })
    worker.on('message', ({ id, result, error }: Reply) => {
      const invocation = waiting.get(id)
      waiting.delete(id)
      if (error === undefined) invocation?.resolve(result)
      else invocation?.reject(new Error(`${name} failed: ${error}`))
    })
    worker.on('error', (error) => {
      for (const { reject } of waiting.values()) reject(error)
      if (process_?.worker === worker) process_ = undefined
    })
    return { worker, waiting }
  }

  const kill = () => {
    const killed = process_
    process_ = undefined
    if (!killed) return
    void killed.worker.terminate()
    for (const { reject } of killed.waiting.values()) reject(new Error(`${name} was killed.`))
  }

  return {
    kill,
    invoke(event) {
      const { worker, waiting } = (process_ ??= start())
      const id = ++ids
      return new Promise((resolve, reject) => {
        const timeout = setTimeout(kill, timeoutMs)
        const settled = <Value>(settle: (value: Value) => void) => {
          return (value: Value) => {
            clearTimeout(timeout)
            settle(value)
          }
        }
        waiting.set(id, { resolve: settled(resolve), reject: settled(reject) })
        worker.postMessage({ id, event })
      })
    },
  }
}
