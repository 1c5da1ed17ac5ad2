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

/** The CloudFormation template that `sls package` writes. */
export type Template = v.InferOutput<typeof Template>
export type Resource = v.InferOutput<typeof Resource>

/** The contents of a function's zip: the text of each file, by path. */
export type Bundle = ReadonlyMap<string, string>

type Params = Readonly<Record<string, string>>

/** The stages that are packaged, each for a region of another AWS partition, with its params. */
const stages = {
  dev: { region: 'us-east-1', params: {} },
  demo: {
    region: 'cn-north-1', // not in the list of translation/regions.ts, so `translateRegion` is required
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

/** Environment variable with the folder that contains a folder for each stage. */
const variable = 'PACKAGED_STAGES'

/**
 * Packages the stages sequentially, because each `sls package` collects its files in `.serverless`. jest's workers
 * inherit their folder in the environment.
 *
 * @returns a function that deletes the packages
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

/** The template of a packaged stage. */
export function templateOf(stage: Stage): Promise<Template> {
  return templateIn(folderOf(stage))
}

/** Reads the template from the folder of `sls package --package`. */
export async function templateIn(folder: string): Promise<Template> {
  const text = await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8')
  return v.parse(Template, JSON.parse(text))
}

/**
 * The state of a packaged stage. Serverless skips a deployment if neither this nor the template nor a bundle differs
 * from the last one.
 */
export function stateOf(stage: Stage): Promise<string> {
  return readFile(join(folderOf(stage), 'serverless-state.json'), 'utf8')
}

/** The bundles of a stage's functions, by the name of the zip. */
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

/** Packages a stage that must be refused. @returns what Serverless prints. Rejects if it packages the stage. */
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

/** Expects a command of Serverless to fail. @returns its stdout and stderr. Rejects if it succeeds. */
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

/** Unsets variables of the shell that would change the package. Packaging needs no AWS account. */
export const hermetic = { TOKEN_ISSUER: undefined, TOKEN_AUDIENCE: undefined, AWS_PROFILE: undefined }

function runPackage({ stage, region, params, folder }: Packaging): Promise<unknown> {
  return runServerless(['package', '--stage', stage, '--region', region, '--package', folder], { params })
}

interface Run {
  readonly params?: Params
  /** Environment variables in addition to those of this process. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs a command of Serverless. If it fails, rejects with an error that has its `stdout` and `stderr`. */
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

/** The properties of a resource. Throws if the template has no resource with this logical id. */
export function propertiesOf(template: Template, logicalId: string): Readonly<Record<string, unknown>> {
  const resource = template.Resources[logicalId]
  if (!resource) throw new Error(`The template has no ${logicalId}.`)
  return resource.Properties
}

/** The resources of a type, by logical id. */
export function resourcesOf(template: Template, type: string): Readonly<Record<string, Resource>> {
  return Object.fromEntries(Object.entries(template.Resources).filter(([, { Type }]) => Type === type))
}
