import { spawn, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Core 0 runs the measured process, core 1 the stand-ins, so that neither affects the other. */
const canPin = process.platform === 'linux' && availableParallelism() > 1

/** A command that runs Node on one core. */
export function pinned(core: 0 | 1, args: readonly string[], node = process.execPath): readonly [string, string[]] {
  const command = canPin ? ['taskset', '-c', String(core), node] : [node]
  const [program = '', ...options] = [...command, ...args]
  return [program, options]
}

/** Quiet, because printing takes time too. */
const quiet = {
  AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
}

export function environmentWith(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...quiet, ...variables }
}

export function startPinned(
  core: 0 | 1,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): ChildProcess {
  const [program, options] = pinned(core, args)
  return spawn(program, options, { env: environmentWith(variables), stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}

/** Longer than any step, including opening the sockets of the stateful server on a busy machine. */
const patienceMs = 240_000

/** The next message of a process. */
export function reply<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      clearTimeout(timer)
      child.off('exit', onExit).off('message', onMessage)
      then()
    }
    const fail = (reason: string) => {
      settle(() => {
        reject(new Error(reason))
      })
    }
    const onExit = (code: number | null) => {
      fail(`The process ended with ${String(code)}.`)
    }
    const onMessage = (message: unknown) => {
      settle(() => {
        resolve(message as T)
      })
    }
    const timer = setTimeout(() => {
      fail(`Nothing was heard for ${patienceMs / 1000} s.`)
    }, patienceMs)
    if (child.exitCode === null) child.once('exit', onExit).once('message', onMessage)
    else onExit(child.exitCode)
  })
}
