import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { buildSync } from 'esbuild'

/** A function as Lambda runs it: in a process of its own, which is kept for the next invocation, and can die at any time. */
export interface LambdaFunction {
  /** Rejects if the function throws, takes too long or is killed. */
  readonly invoke: (event: unknown) => Promise<unknown>
  /** Ends its process, and with it all that runs there. */
  readonly kill: () => void
}

export interface Functions {
  readonly of: (name: string, handler: string, environment: Readonly<Record<string, string>>) => LambdaFunction
  readonly close: () => Promise<void>
}

/** Longer than any function of serverless.yml would take here. */
const timeoutMs = 20_000

const runner = (handlerFile: string) => `
const { parentPort } = require('node:worker_threads')
const { handler } = require(${JSON.stringify(handlerFile)})
parentPort.on('message', async ({ id, event }) => {
  const endMs = Date.now() + ${timeoutMs}
  try {
    const result = await handler(event, { getRemainingTimeInMillis: () => endMs - Date.now() })
    parentPort.postMessage({ id, result })
  } catch (error) {
    parentPort.postMessage({ id, error: String(error && error.stack || error) })
  }
})`

/** Bundles handlers when they are first asked for, as they are deployed. */
export function createFunctions(serviceDir: string): Functions {
  const dir = mkdtempSync(join(tmpdir(), 'chaos-'))
  const started: { kill: () => void }[] = []
  return {
    of(name, handler, environment) {
      const bundle = join(dir, `${handler}.bundle.js`)
      const entryPoints = [join(serviceDir, 'handlers', `${handler}.ts`)]
      buildSync({ entryPoints, outfile: bundle, bundle: true, platform: 'node', mainFields: ['module', 'main'] })
      const file = join(dir, `${name}.js`)
      writeFileSync(file, runner(bundle))
      const lambda = createFunction(name, file, environment)
      started.push(lambda)
      return lambda
    },
    close: () => {
      for (const { kill } of started) kill()
      rmSync(dir, { recursive: true, force: true })
      return Promise.resolve()
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

function createFunction(name: string, file: string, env: Readonly<Record<string, string>>): LambdaFunction {
  let process_: { worker: Worker; waiting: Map<number, Waiting> } | undefined
  let ids = 0

  const start = () => {
    const waiting = new Map<number, Waiting>()
    const worker = new Worker(file, { env: { ...env } })
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
