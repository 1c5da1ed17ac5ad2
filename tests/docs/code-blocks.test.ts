import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from '@jest/globals'
import ts from 'typescript'

const root = resolve(__dirname, '../..')

/**
 * What the page leaves to the reader: how the application keeps its own data, and the schema, which stands there as
 * GraphQL.
 */
const leftOut: Readonly<Record<string, string>> = {
  'schema/orders.ts': `
    import type { Order } from './channels'
    export declare function readOrder(id: string): Promise<Order>
    export declare function writeOrder(order: Order): Promise<void>`,
  'schema/type-defs.ts': 'export const typeDefs: string = ""',
}

it('compiles the code of docs/your-own-api.md in place of the files that it names', () => {
  const files = codeBlocks('docs/your-own-api.md')
  expect(Object.keys(files)).toEqual(expect.arrayContaining(['schema/channels.ts', 'schema/api.ts']))
  expect(problemsOf({ ...files, ...leftOut })).toEqual([])
})

it('compiles the example of the README', () => {
  const files = codeBlocks('README.md')
  expect(Object.keys(files)).toEqual(['client.ts', 'schema/typing.ts'])
  expect(problemsOf(files)).toEqual([])
}, 20_000)

it('compiles the example of docs/presence.md', () => {
  const files = codeBlocks('docs/presence.md')
  expect(Object.keys(files)).toEqual(['schema/presence.ts'])
  expect(problemsOf(files)).toEqual([])
}, 20_000)

it('compiles the clients of docs/clients.md, those of Apollo Client with its versions 4 and 3', () => {
  const files = codeBlocks('docs/clients.md')
  expect(Object.keys(files)).toHaveLength(5)
  const ofApollo = Object.entries(files).filter(([, code]) => code.includes('@apollo/client'))
  expect(ofApollo).toHaveLength(2)
  const forVersion3: Record<string, string> = {}
  for (const [name, code] of ofApollo) forVersion3[`3/${name}`] = code.replaceAll('@apollo/client', 'apollo-client-3')
  // The types of urql and graphql-ws fit each other without this option only.
  const options = { exactOptionalPropertyTypes: false }
  expect(problemsOf({ ...files, ...forVersion3 }, options)).toEqual([])
}, 20_000)

it('shows the files of examples/delivery in its README as they are', () => {
  const shown = codeBlocks('examples/delivery/README.md', /^```(?:ts|js|yaml|python)\n(?:\/\/|#) (\S+)\n(.*?)^```/gms)
  const contents = (name: string): string => readFileSync(join(root, 'examples/delivery', name), 'utf8')
  expect(shown).toEqual(Object.fromEntries(Object.keys(shown).map((name) => [name, contents(name)])))
  const folders = ['schema', 'resources', 'clients', 'producers']
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, 'examples/delivery', folder)).map((name) => `${folder}/${name}`),
  )
  expect(Object.keys(shown)).toEqual(expect.arrayContaining([...files, 'handlers/kitchen.ts', 'serverless.yml']))
})

it('would find a mistake', () => {
  const files = codeBlocks('docs/your-own-api.md')
  const wrong = files['schema/api.ts']?.replace('order.id, order)', 'order.id, { id: 1 })') ?? ''
  expect(wrong).not.toBe(files['schema/api.ts'])
  expect(problemsOf({ ...files, ...leftOut, 'schema/api.ts': wrong })).toEqual([
    expect.stringMatching(/^schema\/api.ts: /),
  ])
}, 20_000)

/** The code of a page, TypeScript if nothing else is said, by the names of files with which the blocks begin. */
function codeBlocks(page: string, block = /^```ts\n\/\/ (\S+)\n(.*?)^```/gms): Readonly<Record<string, string>> {
  const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(block)]
  return Object.fromEntries(blocks.map(([, name = '', code = '']) => [name, code]))
}

/** What the compiler says of files that stand in place of those on the disk. */
function problemsOf(files: Readonly<Record<string, string>>, more: ts.CompilerOptions = {}): readonly string[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path))
  const options = { ...ts.parseJsonConfigFileContent(config.config, ts.sys, root).options, ...more }
  const overlay = new Map(Object.entries(files).map(([name, code]) => [join(root, name), code]))
  const host = ts.createCompilerHost(options)
  const onDisk = { ...host }
  host.fileExists = (path) => overlay.has(path) || onDisk.fileExists(path)
  host.readFile = (path) => overlay.get(path) ?? onDisk.readFile(path)
  host.getSourceFile = (path, version, ...more) => {
    const code = overlay.get(path)
    return code === undefined ? onDisk.getSourceFile(path, version, ...more) : ts.createSourceFile(path, code, version)
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
