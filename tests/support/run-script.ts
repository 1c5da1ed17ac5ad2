import { spawn } from 'node:child_process'
import { once } from 'node:events'

interface Run {
  readonly code: number
  /** stdout and stderr in one text. */
  readonly output: string
}

/** Runs a TypeScript file of the repository in a process of its own, with variables added to its environment. */
export async function runScript(
  file: string,
  options: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Run> {
  const child = spawn(process.execPath, ['node_modules/tsx/dist/cli.mjs', file, ...options], {
    env: { ...process.env, ...environment },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, output }
}
