import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'

/**
 * `npm run licences [-- --check]`: writes docs/licences.md, the packages whose code a deployed function may hold, from the lock
 * file: the dependencies, and all that they bring. With `--check` it writes nothing, and fails if the file is not up to date.
 */
const root = join(import.meta.dirname, '..')
const target = join(root, 'docs', 'licences.md')

const Lock = v.object({
  packages: v.record(
    v.string(),
    v.object({
      version: v.optional(v.string()),
      license: v.optional(v.string()),
      dev: v.optional(v.boolean(), false),
      optional: v.optional(v.boolean(), false),
    }),
  ),
})

const { packages } = v.parse(Lock, JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
const rows = Object.entries(packages)
  .filter(([path, { dev }]) => path !== '' && !dev)
  .map(([path, { version = '', license = 'unknown' }]) => {
    return `| ${path.replace(/^.*node_modules\//, '')} | ${version} | ${license} |`
  })
const text = `# Licences of what is deployed

Written by \`npm run licences\` from the lock file: the packages whose code a function may hold.

| package | version | licence |
| --- | --- | --- |
${[...new Set(rows)].join('\n')}
`

if (!process.argv.includes('--check')) {
  writeFileSync(target, text)
} else if (readFileSync(target, 'utf8') !== text) {
  console.error('docs/licences.md does not match package-lock.json: run "npm run licences" and commit it.')
  process.exitCode = 1
}
