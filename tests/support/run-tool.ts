import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a command of `tools/` like its npm script. @returns its exit code, and stdout and stderr in one text */
export async function runTool(
  name: string,
  options: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(process.execPath, ['node_modules/tsx/dist/cli.mjs', `tools/${name}.ts`, ...options], {
    env: { ...process.env, ...environment },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, output }
}
