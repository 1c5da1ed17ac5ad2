import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { build } from 'esbuild'

/**
 * Compiles the core into lib/dist, which `npm pack -w lib` publishes.
 *
 * The code for functions and browsers stays one ES module per source, so that a bundler can omit every module that a
 * function does not use. The code that Node runs directly (the Serverless plugin, the test helpers and the command)
 * becomes one file each.
 */
const core = resolve(__dirname, '../lib')
const dist = join(core, 'dist')

async function main(): Promise<void> {
  await rm(dist, { recursive: true, force: true })
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', core], { stdio: 'inherit' })
  await rename(join(dist, 'testing/index.d.ts'), join(dist, 'testing/index.d.cts'))
  for (const file of await readdir(dist, { recursive: true })) {
    if (/\.(js|d\.ts)$/.test(file)) await completeSpecifiers(join(dist, file))
  }
  await build({
    entryPoints: ['local/plugin.ts', 'testing/index.ts', 'commands/main.ts'].map((file) => join(core, file)),
    outbase: core,
    outdir: dist,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
  })
}

/** Adds the file extensions that Node and TypeScript require and that the sources omit. */
async function completeSpecifiers(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const completed = text.replace(
    /(from |import |import\()(['"])(\.[^'"]+)\2/g,
    (_all, keyword: string, quote: string, specifier: string) => {
      const target = resolve(dirname(file), specifier)
      const path = existsSync(`${target}.js`) ? `${specifier}.js` : `${specifier}/index.js`
      if (!existsSync(resolve(dirname(file), path)))
        throw new Error(`${file} imports ${specifier}, which does not exist.`)
      return `${keyword}${quote}${path}${quote}`
    },
  )
  await writeFile(file, completed)
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
