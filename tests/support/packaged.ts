import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import JSZip from 'jszip'
import * as v from 'valibot'
import { offlineCommand, serviceDir } from '../../local/offline-command'

const Properties = v.record(v.string(), v.unknown())
export const Resource = v.object({
  Type: v.string(),
  Properties: v.optional(Properties, {}),
  DependsOn: v.optional(v.union([v.string(), v.array(v.string())])),
  DeletionPolicy: v.optional(v.string()),
  UpdateReplacePolicy: v.optional(v.string()),
})

const Template = v.object({
  Resources: v.record(v.string(), Resource),
  Outputs: v.record(v.string(), v.object({ Value: v.unknown() })),
  Mappings: v.record(v.string(), v.record(v.string(), v.record(v.string(), v.unknown()))),
})

/** What `sls package` wrote for CloudFormation. */
export type Template = v.InferOutput<typeof Template>
export type Resource = v.InferOutput<typeof Resource>

/** What a function's zip holds: the text of each file, by its path. */
export type Bundle = ReadonlyMap<string, string>

type Params = Readonly<Record<string, string>>

/** The stages that suites look at, each for a region of another partition, with its parameters. */
const stages = {
  dev: { region: 'us-east-1', params: {} },
  demo: {
    region: 'cn-north-1', // has no Amazon Translate, unless somebody says so
    params: { access: 'open', publishConcurrency: '7', http2: 'false', translateRegion: 'cn-north-1' },
  },
  prod: {
    region: 'us-gov-west-1',
    params: {
      tokenIssuer: 'https://issuer.example.com',
      tokenAudience: 'chat',
      keepAlive: 'true',
      ipAddressType: 'dualstack',
    },
  },
} as const satisfies Readonly<Record<string, { readonly region: string; readonly params: Params }>>
export type Stage = keyof typeof stages

/** The folder that has a folder for each of the stages. */
const variable = 'PACKAGED_STAGES'

/**
 * Packages the stages, one after the other: each `sls package` collects its files in `.serverless`. jest's workers
 * inherit where they are. @returns what deletes them
 */
export async function packageSharedStages(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'packages-'))
  for (const [stage, { region, params }] of Object.entries(stages)) {
    await runPackage({ stage, region, params, folder: join(folder, stage) })
  }
  process.env[variable] = folder
  return () => rm(folder, { recursive: true })
}

function folderOf(stage: Stage): string {
  const folder = process.env[variable]
  if (folder === undefined) throw new Error('tests/setup/package.ts sets PACKAGED_STAGES')
  return join(folder, stage)
}

/** The template of a stage. */
export function templateOf(stage: Stage): Promise<Template> {
  return templateIn(folderOf(stage))
}

/** The template in a folder that `sls package --package` has filled. */
export async function templateIn(folder: string): Promise<Template> {
  const text = await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8')
  return v.parse(Template, JSON.parse(text))
}

/** What the next deployment is compared with, beside the template and the bundles; it is skipped if nothing differs. */
export function stateOf(stage: Stage): Promise<string> {
  return readFile(join(folderOf(stage), 'serverless-state.json'), 'utf8')
}

/** The bundle of each function of a stage, by the name of its zip. */
export function bundlesOf(stage: Stage): Promise<ReadonlyMap<string, Bundle>> {
  return bundlesIn(folderOf(stage))
}

export async function bundlesIn(folder: string): Promise<ReadonlyMap<string, Bundle>> {
  const zips = (await readdir(folder)).filter((file) => file.endsWith('.zip'))
  return new Map(
    await Promise.all(zips.map(async (zip) => [zip.slice(0, -'.zip'.length), await unzip(join(folder, zip))] as const)),
  )
}

async function unzip(path: string): Promise<Bundle> {
  const { files } = await JSZip.loadAsync(await readFile(path))
  const entries = Object.values(files).filter(({ dir }) => !dir)
  return new Map(await Promise.all(entries.map(async (file) => [file.name, await file.async('string')] as const)))
}

/** What packaging prints when it refuses. Rejects if it does not, and then leaves nothing behind. */
export async function refusalToPackage(
  stage: string,
  params: Params = {},
  { region = 'us-east-1' } = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'package-'))
  const refusal = await printedByRefusal(runPackage({ stage, region, params, folder }))
  await rm(folder, { recursive: true })
  return refusal
}

/** What a command of Serverless prints that fails. Rejects if it does not fail. */
export async function printedByRefusal(run: Promise<unknown>): Promise<string> {
  const outcome: unknown = await run.catch((error: unknown) => error)
  const { stdout, stderr } = v.parse(v.object({ code: v.number(), stdout: v.string(), stderr: v.string() }), outcome)
  return stdout + stderr
}

interface Packaging {
  readonly stage: string
  readonly region: string
  readonly params: Params
  readonly folder: string
}

/** The shell must not decide what a test packages, and packaging needs no account. */
export const hermetic = { TOKEN_ISSUER: undefined, TOKEN_AUDIENCE: undefined, AWS_PROFILE: undefined }

function runPackage({ stage, region, params, folder }: Packaging): Promise<unknown> {
  return runServerless(['package', '--stage', stage, '--region', region, '--package', folder], { params })
}

interface Run {
  readonly params?: Params
  /** Of the process, beside the shell's. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs a command of Serverless. Rejects, with what it printed, if it fails. */
export function runServerless(
  command: readonly string[],
  { params = {}, environment = {} }: Run = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const [serverless] = offlineCommand
  const options = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`)
  return promisify(execFile)(process.execPath, [serverless, ...command, ...options], {
    cwd: serviceDir,
    env: { ...process.env, ...hermetic, ...environment },
  })
}

/** The properties of the one resource with this logical id. */
export function propertiesOf(template: Template, logicalId: string): Readonly<Record<string, unknown>> {
  const resource = template.Resources[logicalId]
  if (!resource) throw new Error(`The template has no ${logicalId}.`)
  return resource.Properties
}

/** The resources of a type, under their logical ids. */
export function resourcesOf(template: Template, type: string): Readonly<Record<string, Resource>> {
  return Object.fromEntries(Object.entries(template.Resources).filter(([, { Type }]) => Type === type))
}
