import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import * as v from 'valibot'

/** The folder of the package, from dist/commands/ as from the sources. */
const core = findUp('template', dirname(module.filename))
const coreName = 'serverless-graphql-subscriptions'

/**
 * Writes a new service, template/, into a folder.
 *
 * @param folder absolute; it must be empty or not exist
 * @returns the name of the service, which is that of the folder
 * @throws Error with a message for the user if the folder is not empty, or its name cannot be the name of a service
 */
export function writeService(folder: string): string {
  const name = basename(folder)
  if (!/^[a-z][a-z0-9-]{0,29}$/.test(name)) {
    throw new Error(
      `The name of the folder becomes the name of the service, and a part of the names of its functions, tables and topics. ` +
        `Expected a lower-case letter, then at most 29 lower-case letters, digits and hyphens, got "${name}".`,
    )
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(`${folder} is not empty: choose an empty folder, or one that does not exist yet.`)
  }
  cpSync(join(core, 'template'), folder, { recursive: true })
  renameSync(join(folder, '_gitignore'), join(folder, '.gitignore')) // npm packs no .gitignore
  for (const file of ['package.json', 'serverless.yml', 'README.md']) {
    edit(join(folder, file), (text) => text.replaceAll('my-api', name))
  }
  edit(join(folder, 'package.json'), (text) => text.replace(`"${coreName}": "*"`, `"${coreName}": "${sourceOfCore()}"`))
  return name
}

const Package = v.pipe(v.string(), v.parseJson(), v.object({ version: v.string() }))
const HiddenLockfile = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ packages: v.record(v.string(), v.object({ resolved: v.optional(v.string()) })) }),
)

/** The source from which npm installs the core: this version, or the tarball of this copy. */
function sourceOfCore(): string {
  const modules = dirname(core)
  const lockfile = join(modules, '.package-lock.json') // npm records there where each package came from
  if (existsSync(lockfile)) {
    const { packages } = v.parse(HiddenLockfile, readFileSync(lockfile, 'utf8'))
    const { resolved } = packages[`node_modules/${coreName}`] ?? {}
    if (resolved?.startsWith('file:') === true)
      return `file:${resolve(dirname(modules), resolved.slice('file:'.length))}`
  }
  return `^${v.parse(Package, readFileSync(join(core, 'package.json'), 'utf8')).version}`
}

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}

function findUp(name: string, folder: string): string {
  return existsSync(join(folder, name)) ? folder : findUp(name, dirname(folder))
}
