import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import ts from 'typescript'
import { blocksOf, pages, root } from './support/pages'

type Files = Readonly<Record<string, string>>

/**
 * Files that the how-to pages leave to the reader: access to the application's data, and the schema, which the pages
 * show as GraphQL.
 */
const leftOut: Files = {
  'schema/orders.ts': `
    import type { Order } from './channels'
    export declare function readOrder(id: string): Promise<Order>
    export declare function writeOrder(order: Order): Promise<void>`,
  'schema/type-defs.ts': 'export const typeDefs: string = ""',
}

/** The tutorial shows files of the repository in full, so its blocks are compared, not compiled. */
const tutorial = 'examples/delivery/README.md'

/** The TypeScript of all pages, by page and file. The how-to pages share one application. */
const written: Record<string, string> = {}
const unnamed: string[] = []
beforeAll(() => {
  for (const page of pages.filter((name) => name !== tutorial)) {
    const folder = page.startsWith('docs/how-to/') ? 'how-to' : page.replace(/\W/g, '-')
    for (const { language, text } of blocksOf(page)) {
      if (language !== 'ts') continue
      const name = /^\/\/ (\S+\.ts)\n/.exec(text)?.[1]
      if (name === undefined) unnamed.push(`${page}: ${text.split('\n')[0] ?? ''}`)
      else written[`${folder}/${name}`] = text
    }
  }
  for (const [name, text] of Object.entries(leftOut)) written[`how-to/${name}`] = text
  for (const [name, text] of Object.entries(written)) {
    if (text.includes('@apollo/client')) written[`3/${name}`] = text.replaceAll('@apollo/client', 'apollo-client-3')
  }
})

describe('the TypeScript code of the README and the docs', () => {
  it('names its file in each block', () => {
    expect(unnamed).toEqual([])
  })

  it('compiles, with Apollo Client 4 and 3, and a deliberate mistake is reported', () => {
    const names = Object.keys(written)
    expect(names).toEqual(
      expect.arrayContaining(['how-to/schema/api.ts', 'README-md/client.ts', '3/README-md/client.ts']),
    )
    const usesUrql = ([, text]: readonly [string, string]): boolean => text.includes('@urql/core')
    const ofUrql = Object.fromEntries(Object.entries(written).filter(usesUrql))
    const others = Object.fromEntries(Object.entries(written).filter((entry) => !usesUrql(entry)))
    expect(problemsOf({ ...others, ...withMistake(others) })).toEqual([
      expect.stringMatching(/^mistaken\/schema\/api.ts: Type 'number' is not assignable to type 'string'/),
    ])
    // The types of urql and graphql-ws are compatible only without this option.
    expect(problemsOf(ofUrql, { exactOptionalPropertyTypes: false })).toEqual([])
  }, 60_000)
})

/** A copy of the how-to pages' application with a type error: an event that its channel does not accept. */
function withMistake(all: Files): Files {
  const application = Object.entries(all).filter(([name]) => name.startsWith('how-to/schema/'))
  const copy = Object.fromEntries(application.map(([name, text]) => [name.replace('how-to', 'mistaken'), text]))
  const wrong = copy['mistaken/schema/api.ts']?.replace('order.id, order)', 'order.id, { ...order, id: 1 })') ?? ''
  return { ...copy, 'mistaken/schema/api.ts': wrong }
}

it('the README of examples/delivery shows its files unchanged', () => {
  const folder = join(root, 'examples/delivery')
  const shown: Record<string, string> = {}
  for (const { text } of blocksOf(tutorial)) {
    const [, name, content] = /^(?:\/\/|#) (\S+\.(?:ts|mjs|cjs|yml|py))\n(.*)$/s.exec(text) ?? []
    if (name !== undefined && content !== undefined) shown[name] = content
  }
  const contents = (name: string): string => readFileSync(join(folder, name), 'utf8')
  expect(shown).toEqual(Object.fromEntries(Object.keys(shown).map((name) => [name, contents(name)])))
  const files = ['schema', 'resources', 'clients', 'producers'].flatMap((sub) =>
    readdirSync(join(folder, sub)).map((name) => `${sub}/${name}`),
  )
  expect(Object.keys(shown)).toEqual(expect.arrayContaining([...files, 'handlers/kitchen.ts', 'serverless.yml']))
})

/** The files on disk that programs share, by path. */
const parsed = new Map<string, ts.SourceFile>()

/** Compiles files as if they were in the root folder of the repository. @returns the compiler's messages */
function problemsOf(files: Files, more: ts.CompilerOptions = {}): readonly string[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path))
  const options = { ...ts.parseJsonConfigFileContent(config.config, ts.sys, root).options, ...more }
  const host = ts.createCompilerHost(options)
  const overlay = new Map(Object.entries(files).map(([name, text]) => [join(root, name), text]))
  const onDisk = { ...host }
  host.fileExists = (path) => overlay.has(path) || onDisk.fileExists(path)
  host.directoryExists = () => true // the folders of the overlay do not exist on disk
  host.readFile = (path) => overlay.get(path) ?? onDisk.readFile(path)
  host.getSourceFile = (path, version, ...others) => {
    const text = overlay.get(path)
    if (text !== undefined) return ts.createSourceFile(path, text, version)
    const file = parsed.get(path) ?? onDisk.getSourceFile(path, version, ...others)
    if (file) parsed.set(path, file)
    return file
  }
  const program = ts.createProgram([...overlay.keys()], options, host)
  const diagnostics = [...overlay.keys()].flatMap((path) => {
    const file = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
  })
  return diagnostics.map(({ file, messageText }) => {
    return `${file?.fileName.slice(root.length + 1) ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
}
