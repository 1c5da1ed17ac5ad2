import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as v from 'valibot'
import { serviceDir } from '../../local/offline-command'

const run = promisify(execFile)
const variable = 'PACKED_CORE'

/**
 * Packs the core once for all suites. jest's workers inherit the path of the tarball in the environment.
 *
 * @returns a function that deletes the tarball
 */
export async function packSharedCore(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'core-'))
  await run('npm', ['pack', '-w', 'lib', '--pack-destination', folder], { cwd: serviceDir })
  const [tarball = ''] = await readdir(folder)
  process.env[variable] = join(folder, tarball)
  return () => rm(folder, { recursive: true })
}

/** The path of the tarball that `npm pack` has written. */
export function packedCore(): string {
  const tarball = process.env[variable]
  if (tarball === undefined) throw new Error('tests/setup/package.ts sets PACKED_CORE')
  return tarball
}

/**
 * Installs the dependencies of a folder's package.json. npm begins with the packages of this repository: it keeps those
 * that the folder needs, removes the others, and loads what is missing. That takes a third of the time of an
 * installation from nothing. Rejects if npm fails.
 */
export async function npmInstall(folder: string): Promise<void> {
  if (!existsSync(join(folder, 'node_modules'))) await linkPackages(folder)
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  await run('npm', ['install', ...quietly], { cwd: folder })
}

/** Copies the installed packages of this repository, as hard links if the file system allows it. */
async function linkPackages(folder: string): Promise<void> {
  const [installed, copy] = [join(serviceDir, 'node_modules'), join(folder, 'node_modules')]
  await run('cp', ['-al', installed, copy]).catch(async () => {
    await rm(copy, { recursive: true, force: true })
    await run('cp', ['-a', installed, copy])
  })
  await rm(join(copy, 'serverless-graphql-subscriptions')) // a link to the folder `lib`
}

/** Runs `npm test` in a folder. @returns its stdout and stderr. Rejects with both if a test fails. */
export async function npmTest(folder: string): Promise<string> {
  const outcome = await run('npm', ['test'], { cwd: folder }).catch((error: unknown) => error)
  const { code, stdout, stderr } = v.parse(TestRun, outcome)
  if (code !== undefined) throw new Error(`npm test failed:\n${stdout}${stderr}`)
  return stdout + stderr
}

const TestRun = v.object({ code: v.optional(v.number()), stdout: v.string(), stderr: v.string() })
