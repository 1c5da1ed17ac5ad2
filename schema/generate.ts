import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codegen } from '@graphql-codegen/core'
import * as typescript from '@graphql-codegen/typescript'
import * as resolvers from '@graphql-codegen/typescript-resolvers'
import { buildSchema, parse } from 'graphql'

const sourceFile = join(import.meta.dirname, 'schema.graphql')
const targetFile = join(import.meta.dirname, 'generated.ts')

/**
 * Writes generated.ts from schema.graphql: the schema as a string, which bundles without a loader, and the types of its
 * resolvers. With `--check` it writes nothing, and fails if the file is out of date.
 */
async function main(): Promise<void> {
  const generated = await generate(readFileSync(sourceFile, 'utf8'))
  if (!process.argv.includes('--check')) {
    writeFileSync(targetFile, generated)
  } else if (readFileSync(targetFile, 'utf8') !== generated) {
    console.error(
      'schema/generated.ts is out of date with schema/schema.graphql: run "npm run generate" and commit the result.',
    )
    process.exitCode = 1
  }
}

async function generate(typeDefs: string): Promise<string> {
  const types = await codegen({
    filename: targetFile,
    schema: parse(typeDefs),
    schemaAst: buildSchema(typeDefs),
    documents: [],
    config: {
      useTypeImports: true,
      enumsAsTypes: true,
      strictScalars: true,
      immutableTypes: true,
      contextType: './context#GraphqlContext',
      rootValueType: 'unknown',
      mappers: { Message: './message#ChatMessage' },
    },
    plugins: [{ typescript: {} }, { resolvers: {} }],
    pluginMap: { typescript, resolvers },
  })
  return `// Written by "npm run generate" from schema.graphql.\n\nexport const typeDefs = ${JSON.stringify(typeDefs)}\n\n${types}`
}

void main()
