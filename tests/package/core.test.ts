import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { serviceDir } from '../../local/offline-command'
import { readApiReports, reportFolder, writeApiReports } from '../../tools/api-report'
import { npmInstall, npmTest, packedCore } from '../support/packed-core'
import { startQueue } from '../support/queue'

/** The core as applications install it. */
const run = promisify(execFile)
const coreDir = join(serviceDir, 'lib')
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'core-'))
})
afterAll(() => rm(scratch, { recursive: true }))

it('publint finds no fault in the package', async () => {
  await run('npx', ['publint', 'run', packedCore(), '--strict'], { cwd: serviceDir })
})

it('TypeScript resolves the types from ES modules and through a bundler', async () => {
  const notCode = ['./local', './event.schema.json'] // for Serverless, and for other languages
  const options = ['--profile', 'esm-only', '--exclude-entrypoints', ...notCode]
  await run('npx', ['attw', packedCore(), ...options], { cwd: serviceDir })
})

it('the public API equals lib/api-report (npm run api-report updates it)', async () => {
  const folder = join(scratch, 'report')
  await mkdir(folder)
  writeApiReports(folder, join(scratch, 'temporary'))
  expect(await readApiReports(folder)).toEqual(await readApiReports(reportFolder))
})

it('the package contains only dist, local, serverless and template', async () => {
  const { stdout } = await run('tar', ['-tzf', packedCore()])
  const folders = stdout.split('\n').flatMap((path) => /^package\/([^/]+)\//.exec(path)?.[1] ?? [])
  expect([...new Set(folders)].toSorted()).toEqual(['dist', 'local', 'serverless', 'template'])
})

describe('the installed command', () => {
  let command: string
  beforeAll(async () => {
    const installed = join(scratch, 'installed')
    await mkdir(installed)
    await writeFile(join(installed, 'package.json'), '{}')
    await run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', packedCore()], {
      cwd: installed,
    })
    command = join(installed, 'node_modules', '.bin', 'serverless-graphql-subscriptions')
  }, 240_000)

  it('new writes a service that passes its test, even if a mutation is slow, and refuses a non-empty folder', async () => {
    const folder = join(scratch, 'my-notes')
    await run(command, ['new', folder])
    await npmInstall(folder)
    await slowDown(join(folder, 'schema', 'api.ts'))
    expect(await npmTest(folder)).toMatch(/^# pass 1$/m)

    await expect(run(command, ['new', folder])).rejects.toMatchObject({
      code: 1,
      stderr: `${folder} is not empty: choose an empty folder, or one that does not exist yet.\n`,
    })
  }, 240_000)

  it('failed lists the messages of a queue', async () => {
    const queue = await startQueue(['{}'])
    const env = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' }
    const { stdout } = await run(command, ['failed', `${queue.endpoint}/1/failed`], { env: { ...process.env, ...env } })
    await queue.close()
    expect(stdout).toBe('message-0  Unknown message: neither Lambda nor SNS sent it.\n')
  })
})

/** Lets the mutation respond a second after it has published, which is when the subscriber has its note already. */
async function slowDown(schema: string): Promise<void> {
  const text = await readFile(schema, 'utf8')
  const slower = text.replace(
    'return note\n',
    'await new Promise((resolve) => setTimeout(resolve, 1_000))\nreturn note\n',
  )
  expect(slower).not.toBe(text)
  await writeFile(schema, slower)
}

it.each([
  [[], /^Usage: serverless-graphql-subscriptions new <folder>\n/],
  [['new'], /^Usage: /],
  [['failed'], /^Usage: /],
  [['failed', 'https://sqs.example.com/1/failed', '--again'], /Unknown option '--again'.*\n\nUsage: /s],
  [
    ['new', join(tmpdir(), 'My API')],
    /Expected a lower-case letter, then at most 29 lower-case letters, digits and hyphens.*got "My API"\.\n$/,
  ],
])('the command refuses the arguments %j with exit code 1 and a message', async (args, sentence) => {
  const main = join(coreDir, 'dist', 'commands', 'main.cjs')
  await expect(run(process.execPath, [main, ...args])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(sentence),
  })
})

it('the template uses the tool versions that the core is tested with', async () => {
  const versions = async (path: string): Promise<Record<string, string>> => {
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, Record<string, string> | undefined>
    return { ...manifest['dependencies'], ...manifest['devDependencies'] }
  }
  const tested = await versions(join(serviceDir, 'package.json'))
  const { 'serverless-graphql-subscriptions': core, ...used } = await versions(join(coreDir, 'template/package.json'))
  expect(core).toBe('*') // the command `new` writes the version
  expect(used).toEqual(Object.fromEntries(Object.keys(used).map((name) => [name, tested[name]])))
})
