import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { preset } from '@graphql-codegen/client-preset'
import { codegen } from '@graphql-codegen/core'
import { buildSchema, parse } from 'graphql'

const schemaFile = join(__dirname, '..', 'schema', 'schema.graphql')
const operationsFile = join(__dirname, 'src', 'operations.graphql')
const targetFile = join(__dirname, 'src', 'generated.ts')

/**
 * Writes src/generated.ts: every operation of src/operations.graphql as a document that knows the types of its
 * variables and its result. With `--check` it writes nothing, and fails if the file is not what it would have written.
 */
async function main(): Promise<void> {
  const generated = await generate()
  if (!process.argv.includes('--check')) {
    writeFileSync(targetFile, generated)
  } else if (readFileSync(targetFile, 'utf8') !== generated) {
    console.error(
      'web/src/generated.ts does not match schema.graphql and operations.graphql: run "npm run generate:web" and commit it.',
    )
    process.exitCode = 1
  }
}

/** The client preset without codegen's own command line, which needs a newer Node than this project. */
async function generate(): Promise<string> {
  const typeDefs = readFileSync(schemaFile, 'utf8')
  const rawSDL = readFileSync(operationsFile, 'utf8')
  const sections = await preset.buildGeneratesSection({
    baseOutputDir: `${join(__dirname, 'src')}/`,
    schema: parse(typeDefs),
    schemaAst: buildSchema(typeDefs),
    documents: [{ document: parse(rawSDL), location: operationsFile, rawSDL }],
    config: { useTypeImports: true, enumsAsTypes: true, strictScalars: true, immutableTypes: true },
    presetConfig: { fragmentMasking: false },
    plugins: [],
    pluginMap: {},
  })
  // The others are for operations that are written between backticks.
  const documents = sections.find(({ filename }) => filename.endsWith('graphql.ts'))
  if (!documents) throw new Error('The client preset has no graphql.ts any more.')
  // The linter leaves the file out by its name (.oxlintrc.json), so the note that tells it to is not needed.
  const code = (await codegen(documents)).replace('/* eslint-disable */\n', '')
  return `// Written by "npm run generate:web" from schema.graphql and operations.graphql.\n${code}`
}

void main()
