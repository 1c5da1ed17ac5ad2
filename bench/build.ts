import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import { contenderNames } from './contenders/names'

const root = join(import.meta.dirname, '..')
export const outDir = join(import.meta.dirname, '.build')

/** The results of the last run, as JSON. */
export const reportFile = join(outDir, 'bench.json')

export const functionNames = [
  'connect',
  'disconnect',
  'default',
  'graphql',
  'translate',
  'publish',
  'translation-failed',
  'keep-alive',
  'end-user',
  'close-connections',
] as const

/**
 * The functions as deployed; without logger and metrics; with a counter of executions; and as deployed with the fixture
 * API.
 */
export type Variant = 'functions' | 'functions-silent' | 'functions-counting' | 'functions-fixture'

/** Builds the functions and the contenders. */
export async function buildAll(): Promise<void> {
  await buildFunctions()
  const own = contenderNames.filter((name) => name !== 'aws-lambda-graphql' && name !== 'project-http1')
  const processes = [
    ...entries([...own, 'sockets'], 'bench/contenders'),
    ...entries(['stand-ins/server', 'drivers/project', 'drivers/lambda-subscriptions'], 'bench'),
  ]
  const libraries = {
    ...functionOptions(),
    // Otherwise graphql would be included twice, as ES modules and as CommonJS, with libraries that are CommonJS.
    mainFields: ['main'],
    outdir: outDir,
    outbase: join(root, 'bench'),
  }
  await build({ ...libraries, entryPoints: processes })
  // It does not run with minified names.
  await build({
    ...libraries,
    entryPoints: entries(['contender', 'driver'], 'bench/aws-lambda-graphql'),
    minify: false,
  })
}

/** As `serverless-esbuild` does for a deployment. */
export async function buildFunctions(): Promise<void> {
  const handlers = (variant: Variant, names: readonly string[], plugins: Plugin[] = [], folder = 'handlers') =>
    build({ ...functionOptions(), entryPoints: entries(names, folder), outdir: join(outDir, variant), plugins })
  await handlers('functions', functionNames)
  await handlers('functions-silent', ['publish'], [silence])
  await handlers('functions-counting', ['publish'], [countExecutions])
  await handlers('functions-fixture', ['connect', 'default', 'publish'], [countExecutions], 'tests/fixture/handlers')
}

function entries(names: readonly string[], folder: string): string[] {
  return names.map((name) => join(root, folder, `${name}.ts`))
}

/** For the Node that runs the bench, which may be older than that of the functions. */
function functionOptions() {
  const { bundling } = createRequire(import.meta.url)('../lib/local/bundling.cjs') as { readonly bundling: Bundling }
  const { bundle, minify, mainFields, sourcemap, sourcesContent, inject, platform } = bundling
  const deployed = { bundle, minify, mainFields, sourcemap, sourcesContent, inject, platform }
  return { ...deployed, target: 'node20', logLevel: 'error' } satisfies BuildOptions
}

type Bundling = Required<
  Pick<BuildOptions, 'bundle' | 'minify' | 'mainFields' | 'sourcemap' | 'sourcesContent' | 'inject' | 'platform'>
>

/** Replaces everything that writes to the log by no-ops. */
const silence: Plugin = {
  name: 'silence',
  setup(building) {
    building.onLoad({ filter: /\/lib\/observability\/logger\.ts$/ }, () => {
      const nothing = '() => undefined'
      const logger = ['debug', 'info', 'error', 'correlate'].map((name) => `${name}: ${nothing}`)
      return { contents: `export const logger = { ${logger.join(', ')} }; export const logMaskedError = ${nothing}` }
    })
    building.onLoad({ filter: /\/lib\/observability\/metrics\.ts$/ }, () => {
      return { contents: 'export const report = () => undefined; export const reportInLog = report' }
    })
  },
}

/** Counts the executions that the functions request from graphql-js: contenders/executions.ts. */
const countExecutions: Plugin = {
  name: 'count-executions',
  setup(building) {
    building.onResolve({ filter: /^graphql$/ }, ({ importer }) => {
      return importer.endsWith('/lib/operations/execute.ts') ? { path: 'graphql', namespace: 'counting' } : undefined
    })
    building.onLoad({ filter: /.*/, namespace: 'counting' }, () => ({
      resolveDir: root,
      contents: `
        import { execute as executeIt } from 'graphql'
        export * from 'graphql'
        export function execute(args) {
          if (args.rootValue !== undefined) globalThis.benchExecutions = (globalThis.benchExecutions ?? 0) + 1
          return executeIt(args)
        }`,
    }))
  },
}
