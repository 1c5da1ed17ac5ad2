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
})

/** What `sls package` wrote for CloudFormation. */
export type Template = v.InferOutput<typeof Template>
export type Resource = v.InferOutput<typeof Resource>

/** The shell must not decide what a test packages, and packaging needs no account. */
const hermetic = { TOKEN_ISSUER: undefined, TOKEN_AUDIENCE: undefined, AWS_PROFILE: undefined }

type Params = Readonly<Record<string, string>>

/** Runs `sls package` for a stage; resolves with its template, rejects with what it printed. */
export function packageStage(stage: string, params: Params = {}): Promise<Template> {
  return runPackage(stage, params, async (folder) => {
    const text = await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8')
    return v.parse(Template, JSON.parse(text))
  })
}

/** What a function's zip holds: the text of each file, by its path. */
export type Bundle = ReadonlyMap<string, string>

/** Runs `sls package` for a stage; resolves with the bundle of each function, by the name of its zip. */
export function packageBundles(stage: string, params: Params = {}): Promise<ReadonlyMap<string, Bundle>> {
  return runPackage(stage, params, async (folder) => {
    const zips = (await readdir(folder)).filter((file) => file.endsWith('.zip'))
    return new Map(
      await Promise.all(
        zips.map(async (zip) => [zip.slice(0, -'.zip'.length), await unzip(join(folder, zip))] as const),
      ),
    )
  })
}

async function unzip(path: string): Promise<Bundle> {
  const { files } = await JSZip.loadAsync(await readFile(path))
  const entries = Object.values(files).filter(({ dir }) => !dir)
  return new Map(await Promise.all(entries.map(async (file) => [file.name, await file.async('string')] as const)))
}

async function runPackage<Result>(
  stage: string,
  params: Params,
  read: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'package-'))
  try {
    const [serverless] = offlineCommand
    const options = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`)
    await promisify(execFile)(
      process.execPath,
      [serverless, 'package', '--stage', stage, '--package', folder, ...options],
      { cwd: serviceDir, env: { ...process.env, ...hermetic } },
    )
    return await read(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
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
