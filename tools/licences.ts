import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'

/**
 * `npm run licences [-- --check]`: writes docs/reference/licences.md, the packages whose code a deployed function may
 * hold, or the command `failed` uses, from the lock file: the dependencies, and all that they bring. With `--check` it
 * writes nothing, and fails if the file is not up to date.
 */
const root = join(import.meta.dirname, '..')
const target = join(root, 'docs', 'reference', 'licences.md')

const names = v.optional(v.record(v.string(), v.string()), {})
const Lock = v.object({
  packages: v.record(
    v.string(),
    v.object({
      version: v.optional(v.string(), ''),
      license: v.optional(v.string(), 'unknown'),
      dependencies: names,
      optionalDependencies: names,
      /** Of a link: the folder of a workspace. */
      resolved: v.optional(v.string(), ''),
      link: v.optional(v.boolean(), false),
    }),
  ),
})

const { packages } = v.parse(Lock, JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))

/** Follows dependencies from a package. Peers are left out: the core's are what runs it on a laptop. */
function follow(folder: string, found = new Map<string, string>()): Map<string, string> {
  const { dependencies, optionalDependencies } = packages[folder] ?? {}
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const path = resolve(folder, name)
    const target = path === undefined ? undefined : packages[path]
    if (path === undefined || !target || found.has(path)) continue // an optional one may be missing
    if (target.link) {
      follow(target.resolved, found)
    } else {
      found.set(path, `| ${name} | ${target.version} | ${target.license} |`)
      follow(path, found)
    }
  }
  return found
}

/** Finds a package as Node does: in the nearest `node_modules` above. */
function resolve(folder: string, name: string): string | undefined {
  for (let from = folder; ; from = from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/')))) {
    const path = `${from === '' ? '' : `${from}/`}node_modules/${name}`
    if (packages[path] || from === '') return packages[path] && path
  }
}

const rows = [...new Set(follow('').values())].toSorted()
const text = `# Licences of what is deployed

Written by \`npm run licences\` from the lock file: the packages whose code a function may hold, and those that the command
\`failed\` uses.

| package | version | licence |
| --- | --- | --- |
${rows.join('\n')}
`

if (!process.argv.includes('--check')) {
  writeFileSync(target, text)
} else if (readFileSync(target, 'utf8') !== text) {
  console.error('docs/reference/licences.md does not match package-lock.json: run "npm run licences" and commit it.')
  process.exitCode = 1
}
