import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from '@jest/globals'
import * as v from 'valibot'
import { blocksOf, pages, proseOf, root, textOf } from './support/pages'

const Scripts = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ scripts: v.optional(v.record(v.string(), v.string()), {}) }),
)

/** The commands of Serverless that pages may name. */
const serverlessCommands = /^(deploy( function| list)?|info|package|remove|rollback|offline start)\b/

interface Command {
  readonly page: string
  readonly text: string
}

/** The commands of a page: the lines of shell blocks, and inline code that begins with npm or npx. */
function commandsOf(page: string): readonly Command[] {
  const shell = blocksOf(page).filter(({ language }) => ['sh', 'bash'].includes(language))
  const lines = shell.flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
  const inline = [...proseOf(page).matchAll(/`((?:\w+=\S+ )*np[mx] [^`]+)`/g)].map(([, text = '']) => text)
  const commands = [...lines.flatMap((line) => line.replace(/ #.*$/, '').split('&&')), ...inline]
  return commands.map((text) => ({ page, text: text.trim() })).filter(({ text }) => text !== '')
}

/**
 * Names the script, the command of Serverless or the file that a command uses but that does not exist. @returns
 * undefined if all exist
 */
function faultOf({ page, text }: Command): string | undefined {
  const folder = text.includes('-w lib') ? 'lib' : dirname(page)
  const script = /\bnpm (?:run ([\w:-]+)|(start|test)\b)/.exec(text)
  const name = script?.[1] ?? script?.[2]
  if (name !== undefined && !scriptsOf(folder).has(name)) return `${page}: there is no script "${name}"`
  const serverless = /\bnpx (?:sls|serverless) (.+)$/.exec(text)?.[1]
  if (serverless !== undefined && !serverlessCommands.test(serverless))
    return `${page}: "sls ${serverless}" is not known`
  const file = /\bnpx (?:tsx|jest) ([\w./-]+\/[\w./-]+)|--template-file (\S+)/.exec(text)
  const path = file?.[1] ?? file?.[2]
  if (path !== undefined && ![path, `${path}.test.ts`].some((each) => existsSync(join(root, each)))) {
    return `${page}: there is no ${path}`
  }
  return undefined
}

/**
 * The scripts that a page may name: those of its own folder's package, of the repository, and of a service that `new`
 * writes.
 */
function scriptsOf(folder: string): ReadonlySet<string> {
  const packages = [join(folder, 'package.json'), 'package.json', 'lib/template/package.json']
  return new Set(
    packages
      .filter((file) => existsSync(join(root, file)))
      .flatMap((file) => Object.keys(v.parse(Scripts, textOf(file)).scripts)),
  )
}

it('the docs name only scripts, Serverless commands and files that exist', () => {
  const commands = pages.flatMap(commandsOf)
  expect(commands.length).toBeGreaterThan(50)
  expect(commands.map(faultOf).filter(Boolean)).toEqual([])
})

it.each([
  ['npm run gone', 'README.md: there is no script "gone"'],
  ['npx sls destroy --stage dev', 'README.md: "sls destroy --stage dev" is not known'],
  ['npx jest tests/gone', 'README.md: there is no tests/gone'],
  ['npm ci', undefined],
  ['CUTS=1000 npx jest tests/chaos/random-cuts', undefined],
])('the check of "%s" returns: %s', (text, fault) => {
  expect(faultOf({ page: 'README.md', text })).toBe(fault)
})
