import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { CompilerState, Extractor, ExtractorConfig, type IConfigFile } from '@microsoft/api-extractor'

const core = resolve(__dirname, '../lib')

/** The entry points that applications import, and their declarations, which tools/build-core.ts writes. */
const entryPoints = { client: 'client/index.d.ts', index: 'index.d.ts', testing: 'testing/index.d.cts' } as const
type EntryPoint = keyof typeof entryPoints

/** The folder of the reports. Each change of the public API changes a report, and is visible in review. */
export const reportFolder = join(core, 'api-report')

/**
 * Writes reports of the core's public declarations, as built in lib/dist, into a folder: one file per entry point.
 *
 * @throws Error if a declaration cannot be read
 */
export function writeApiReports(folder: string, temporary: string): void {
  const configs = (Object.keys(entryPoints) as EntryPoint[]).map((name) => {
    const configObject: IConfigFile = {
      projectFolder: core,
      mainEntryPointFilePath: join(core, 'dist', entryPoints[name]),
      apiReport: {
        enabled: true,
        reportFolder: folder,
        reportTempFolder: temporary,
        reportFileName: `${name}.api.md`,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2023',
            lib: ['es2024', 'dom'],
            module: 'preserve',
            types: ['node'],
            strict: true,
            skipLibCheck: true,
          },
        },
      },
      messages: {
        extractorMessageReporting: { default: { logLevel: 'none' as never } },
        tsdocMessageReporting: { default: { logLevel: 'none' as never } },
        compilerMessageReporting: { default: { logLevel: 'error' as never } },
      },
    }
    const packageJsonFullPath = join(core, 'package.json')
    return ExtractorConfig.prepare({ configObject, configObjectFullPath: undefined, packageJsonFullPath })
  })
  const [first, ...others] = configs
  if (!first) return
  const additionalEntryPoints = others.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath)
  const compilerState = CompilerState.create(first, { additionalEntryPoints })
  for (const config of configs) {
    const quiet = (message: { handled: boolean }): void => {
      message.handled = true
    }
    const { errorCount } = Extractor.invoke(config, { compilerState, localBuild: true, messageCallback: quiet })
    if (errorCount > 0)
      throw new Error(`Could not read the declarations of ${config.mainEntryPointFilePath}: run npm run lint.`)
  }
}

/** The reports in a folder, by name. */
export async function readApiReports(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.api.md')).toSorted()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  )
}

/** `npm run api-report`: builds the core and writes its public declarations to lib/api-report. */
async function main(): Promise<void> {
  execFileSync(process.execPath, [require.resolve('tsx/cli'), join(__dirname, 'build-core.ts')], { stdio: 'inherit' })
  const temporary = await mkdtemp(join(tmpdir(), 'api-report-'))
  writeApiReports(reportFolder, temporary)
  await rm(temporary, { recursive: true })
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
}
