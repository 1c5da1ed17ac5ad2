import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '..')
export const outDir = join(import.meta.dirname, '.build')

export const functionNames = ['connect', 'disconnect', 'default', 'graphql', 'publish', 'translate'] as const
export const contenderNames = [
  'project',
  'signed-loop',
  'sdk-loop',
  'graphql-lambda-subscriptions',
  'stateful',
] as const

/** Builds the functions as `serverless-esbuild` does for a deployment, with the options of serverless.yml, and the contenders. */
export async function buildAll(): Promise<void> {
  const serverlessYml = readFileSync(join(root, 'serverless.yml'), 'utf8')
  const { custom } = parse(serverlessYml, { logLevel: 'silent' }) as {
    custom: { esbuild: { minify: boolean; mainFields: string[] } }
  }
  const { minify, mainFields } = custom.esbuild
  const options = { bundle: true, minify, mainFields, platform: 'node', target: 'node20', logLevel: 'error' } as const
  const entries = (names: readonly string[], folder: string) => names.map((name) => join(root, folder, `${name}.ts`))
  await build({ ...options, entryPoints: entries(functionNames, 'handlers'), outdir: join(outDir, 'functions') })
  await build({
    ...options,
    // graphql would be there twice, in both of its forms, with libraries that are CommonJS.
    mainFields: ['main'],
    entryPoints: [...entries(contenderNames, 'bench/contenders'), ...entries(['stand-ins', 'sockets'], 'bench')],
    outdir: outDir,
    outbase: join(root, 'bench'),
  })
}
