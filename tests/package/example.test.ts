import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { serviceDir } from '../../local/offline-command'
import {
  type Bundle,
  bundlesIn,
  hermetic,
  propertiesOf,
  resourcesOf,
  type Template,
  templateIn,
} from '../support/packaged'
import { npmInstall, npmTest, packedCore } from '../support/packed-core'
import { mistakesIn } from '../support/resource-specification'

const run = promisify(execFile)
const example = join(serviceDir, 'examples/delivery')
const coreName = 'serverless-graphql-subscriptions'

const Dependencies = v.record(v.string(), v.string())
const Manifest = v.looseObject({ dependencies: Dependencies, devDependencies: Dependencies })

describe('the delivery example', () => {
  it('has at most 50 lines of serverless.yml, 5 lines per handler and 350 lines of code', async () => {
    expect(await linesOf('serverless.yml')).toBeLessThanOrEqual(50)
    const handlers = await Promise.all((await filesIn('handlers')).map(linesOf))
    expect(Math.max(...handlers)).toBeLessThanOrEqual(5)
    const folders = await Promise.all(['schema', 'resources', 'clients', 'producers'].map(filesIn))
    const code = await Promise.all(folders.flat().map(linesOf))
    expect(sum(handlers) + sum(code)).toBeLessThanOrEqual(350)
  })

  it('uses the tool versions that the core is tested with', async () => {
    const tested = v.parse(Manifest, await readJson(join(serviceDir, 'package.json')))
    const ranges = { ...tested.dependencies, ...tested.devDependencies }
    const { dependencies, devDependencies } = v.parse(Manifest, await readJson(join(example, 'package.json')))
    const { [coreName]: core, ...used } = { ...dependencies, ...devDependencies }
    expect(core).toBe(`file:${basename(packedCore())}`)
    const exact = Object.keys(used).map((name) => [name, ranges[name]?.replace('^', '')])
    expect(used).toEqual(Object.fromEntries(exact))
  })
})

describe('a copy of the delivery example with the packed core', () => {
  let scratch: string
  let copy: string

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'delivery-'))
    copy = join(scratch, 'delivery')
    const leftOut = /node_modules|\.serverless|\.esbuild|\.tgz|package-lock/ // left by a reader's own installation
    await cp(example, copy, { recursive: true, filter: (path) => !leftOut.test(path.slice(example.length)) })
    await copyFile(packedCore(), join(copy, basename(packedCore())))
    await npmInstall(copy)
  }, 240_000)
  afterAll(() => rm(scratch, { recursive: true }))

  it('passes its own tests', async () => {
    expect(await npmTest(copy)).toMatch(/^Tests: +\d+ passed, \d+ total$/m)
  }, 240_000)

  it('packages a closed and an open stage, and upgrades the core by its version number alone', async () => {
    const prod = await packaged('prod', { TOKEN_ISSUER: 'https://issuer.example.com', TOKEN_AUDIENCE: 'delivery' })
    expect(accessOf(prod.template)).toBe('tokens')
    expect(mistakesIn(prod.template.Resources)).toEqual([])

    const dev = await packaged('dev')
    expect(accessOf(dev.template)).toBe('open')
    expect(Object.keys(resourcesOf(dev.template, 'AWS::DynamoDB::Table'))).toEqual(
      expect.arrayContaining(['OrdersTable', 'ClientsTable']),
    )

    const newer = await changedCore()
    const manifest = join(copy, 'package.json')
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(basename(packedCore()), basename(newer)))
    await npmInstall(copy)
    const updated = await packaged('dev')
    expect(await readJson(join(copy, 'node_modules', coreName, 'package.json'))).toMatchObject({ version: '99.0.0' })
    expect(textOf(dev.bundles, 'connect')).not.toContain('connect of 99.0.0')
    expect(textOf(updated.bundles, 'connect')).toContain('connect of 99.0.0')
    expect(JSON.stringify(propertiesOf(dev.template, 'ConnectRole'))).not.toContain('dynamodb:GetItem')
    expect(JSON.stringify(propertiesOf(updated.template, 'ConnectRole'))).toContain('dynamodb:GetItem')
    // The application's own resources are unchanged.
    for (const own of ['OrdersTable', 'OrdersPolicy', 'KitchenRole']) {
      expect(propertiesOf(updated.template, own)).toEqual(propertiesOf(dev.template, own))
    }
  }, 240_000)

  async function packaged(stage: string, environment: Readonly<Record<string, string>> = {}) {
    const folder = join(scratch, `packaged-${stage}`)
    const serverless = join(copy, 'node_modules/serverless/bin/serverless.js')
    await run(process.execPath, [serverless, 'package', '--stage', stage, '--package', folder], {
      cwd: copy,
      env: { ...process.env, ...hermetic, ...environment },
    })
    return { template: await templateIn(folder), bundles: await bundlesIn(folder) }
  }

  /**
   * Packs a later version of the core, with another function `connect` and another role. @returns the path of its
   * tarball, in the copy
   */
  async function changedCore(): Promise<string> {
    await mkdir(join(scratch, 'newer'))
    await run('tar', ['-xzf', packedCore(), '-C', join(scratch, 'newer')])
    const core = join(scratch, 'newer', 'package')
    const edits = [
      ['package.json', /"version": "[^"]+"/, '"version": "99.0.0"'],
      ['dist/handlers/connect.js', /^export const handler/m, "console.info('connect of 99.0.0')\n$&"],
      ['serverless/roles.cjs', "connect: { calls: [clients('PutItem'", "$&, 'GetItem'"],
    ] as const
    for (const [name, found, replacement] of edits) {
      const before = await readFile(join(core, name), 'utf8')
      const after = before.replace(found, replacement)
      if (after === before) throw new Error(`${name} has no ${String(found)}.`)
      await writeFile(join(core, name), after)
    }
    const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', copy], { cwd: core })
    return join(copy, stdout.trim())
  }
})

function accessOf(template: Template): unknown {
  const { Environment } = propertiesOf(template, 'ConnectLambdaFunction') as {
    readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> }
  }
  return Environment.Variables['ACCESS']
}

function textOf(bundles: ReadonlyMap<string, Bundle>, name: string): string {
  return [...(bundles.get(name)?.values() ?? [])].join('\n')
}

async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(join(example, folder))).map((name) => join(folder, name))
}

async function linesOf(file: string): Promise<number> {
  return (await readFile(join(example, file), 'utf8')).trimEnd().split('\n').length
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
