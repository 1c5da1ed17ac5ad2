import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import ts from 'typescript'
import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml'
import type { Port } from '../lib/local/ports'
import { readService } from '../lib/local/service'
import { readDocumentLimits } from '../lib/operations/document-rules'
import { readPublisherSettings } from '../lib/publisher/settings'
import { readLimits } from '../lib/receive/limits'

/**
 * `npm run settings [-- --check]`: writes docs/reference/settings.md from the settings' own definitions and comments.
 * With `--check` it writes nothing, and fails if the page does not match them.
 */
const root = join(import.meta.dirname, '..')
const target = 'docs/reference/settings.md'

async function main(): Promise<void> {
  const page = [introduction, params(), environmentVariables(), ports(), clientOptions()].join('\n\n')
  const path = join(root, target)
  const text = await format(page, { ...(await resolveConfig(path)), parser: 'markdown' })
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text)
  } else if (readFileSync(path, 'utf8') !== text) {
    console.error(`${target} does not match the code: run "npm run settings" and commit it.`)
    process.exitCode = 1
  }
}

const introduction = `# Settings

\`npm run settings\` writes this page from the code and its comments.`

function params(): string {
  const text = source('lib/serverless/params.yml')
  const { contents } = parseDocument(text)
  if (!isMap(contents)) throw new Error('Expected params.yml to be a map of stages.')
  const [byDefault, dev] = ['default', 'dev'].map((stage) => contents.get(stage, true))
  if (!isMap(byDefault) || !isMap(dev)) throw new Error('Expected params.yml to have the stages default and dev.')
  const rows = byDefault.items.map(({ key, value }, index): readonly string[] => {
    const name = String(key)
    // A comment stands behind a value or above its key; the comment above the first key belongs to the map.
    const above = (isScalar(key) ? key.commentBefore : undefined) ?? (index === 0 ? byDefault.commentBefore : undefined)
    const behind = isScalar(value) || isSeq(value) ? value.comment : undefined
    const comment = behind ?? above ?? missing(name)
    return [code(name), shown(byDefault, name), dev.has(name) ? shown(dev, name) : 'the same', sentence(comment)]
  })
  // A param without a default is there as a comment, with an example of a value.
  const optional = [...text.matchAll(/^ {2}# (\w+): \S+ # (.+)$/gm)].map(([, name = '', comment = '']) => {
    return [code(name), 'not set', 'the same', sentence(comment)]
  })
  return `## Params of a stage

Set them under \`params\` in serverless.yml, in the block of a stage, or for one deployment with \`--param="name=value"\`. A stage without a block has the
values of \`default\`; \`dev\` is a stage for development. Source: \`lib/serverless/params.yml\`.

${table(['param', '`default`', '`dev`', 'meaning'], [...rows, ...optional])}

The chat has two of its own: \`translateRegion\`, the region whose Amazon Translate is called, and \`sourceLanguage\`, the language of all messages, \`auto\`
by default ([regions](../how-to/deploy.md#regions)).`
}

function shown(stage: YAMLMap, name: string): string {
  const value = stage.get(name)
  if (isSeq(value)) {
    const items = value.items.map((item) => code(String(item)))
    return items.length > 3 ? 'a list' : items.join(', ') || 'none'
  }
  const text = String(value)
  const variable = /^\$\{env:(\w+), ''\}$/.exec(text)?.[1]
  if (variable !== undefined) return code(`$${variable}`)
  return text === '' ? 'not set' : code(text)
}

type Reader = (environment: NodeJS.ProcessEnv) => object

function environmentVariables(): string {
  const documents = variablesOf(readDocumentLimits, ['lib/operations/document-rules.ts'])
  const connections = variablesOf(readLimits, ['lib/receive/limits.ts'])
  const publisher = variablesOf(readPublisherSettings, [
    'lib/publisher/publisher.ts',
    'lib/publisher/fan-out.ts',
    'lib/http/http-pool.ts',
  ])
  const columns = ['variable', 'default', 'meaning']
  return `## Environment variables of functions

Add them to the functions in serverless.yml, beside those of the core. Some have a param, which sets them: \`operationsPer10Seconds\`, \`introspection\`,
\`http2\`.

\`\`\`yaml
functions:
  - \${file(node_modules/serverless-graphql-subscriptions/serverless/functions.yml)}
  - publish: { environment: { PUBLISH_RATE_PER_SECOND: 2000 } }
\`\`\`

### Of default and graphql

${table(columns, [...documents, ...connections])}

### Of publish and keepAlive

They apply per invocation: two concurrent invocations each have the full rate.

${table(columns, publisher)}`
}

/**
 * The variables that \`read\` asks for, each with its default and the comment of the property that it sets, which is
 * found by setting the variable to something else.
 */
function variablesOf(read: Reader, files: readonly string[]): readonly (readonly string[])[] {
  const comments = new Map(files.flatMap((file) => [...propertyComments(file)]))
  const defaults = leavesOf(read({}))
  return variablesRead(read).map((variable) => {
    const changed = ['7', 'true', 'false'].flatMap((value) => {
      try {
        return leavesOf(read({ [variable]: value })).filter(([name, leaf]) => leaf !== new Map(defaults).get(name))
      } catch {
        return [] // not a value of this variable
      }
    })
    const name = changed[0]?.[0] ?? variable
    const byDefault = new Map(defaults).get(name)
    const shownDefault = typeof byDefault === 'number' ? byDefault.toLocaleString('en-US') : code(String(byDefault))
    return [code(variable), byDefault === undefined ? 'no limit' : shownDefault, comments.get(name) ?? missing(name)]
  })
}

function variablesRead(read: Reader): readonly string[] {
  const names = new Set<string>()
  read(new Proxy<NodeJS.ProcessEnv>({}, { get: (_target, name) => void names.add(String(name)) }))
  return [...names]
}

function leavesOf(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([name, part]: [string, unknown]): readonly (readonly [string, unknown])[] =>
    typeof part === 'object' && part !== null ? leavesOf(part) : [[name, part] as const],
  )
}

function ports(): string {
  const serverlessYml = { provider: { region: '' }, functions: {}, resources: { Resources: {} } }
  const known = readService({ ...serverlessYml, custom: { 'serverless-offline': {}, local: {} } }, {}).ports
  const rows = Object.values<Port>({ ...known }).map(({ variable, number, purpose }) => [
    code(variable),
    String(number),
    purpose,
  ])
  const page = /PAGE_PORT = '(\d+)'/.exec(source('local/start.ts'))?.[1] ?? missing('PAGE_PORT')
  const translate = /TRANSLATE_PORT, '(\d+)'/.exec(source('serverless.yml'))?.[1] ?? missing('TRANSLATE_PORT')
  return `## Ports of the local service

${table(
  ['variable', 'default', 'what listens there'],
  [
    ...rows,
    ['`PAGE_PORT`', page, 'the chat page'],
    ['`TRANSLATE_PORT`', translate, 'the stand-in for Translate, of the chat'],
  ],
)}`
}

function clientOptions(): string {
  const rows = [...propertyComments('lib/client/options.ts', 'ConnectionOptions')].map(([name, comment]) => [
    code(name),
    comment,
  ])
  return `## Options of createConnection

[Clients](clients.md) has examples. Source: \`lib/client/options.ts\`.

${table(['option', 'meaning'], rows)}`
}

/** The comments of a file's properties, by name, or of those of one interface. */
function propertyComments(file: string, ofInterface?: string): ReadonlyMap<string, string> {
  const parsed = ts.createSourceFile(file, source(file), ts.ScriptTarget.Latest, true)
  const comments = new Map<string, string>()
  for (const statement of parsed.statements) {
    if (!ts.isInterfaceDeclaration(statement)) continue
    if (ofInterface !== undefined && statement.name.text !== ofInterface) continue
    for (const member of statement.members) {
      if (!ts.isPropertySignature(member)) continue
      const text = ts.getJSDocCommentsAndTags(member).map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
      if (text.length > 0) comments.set(member.name.getText(), sentence(text.join(' ')))
    }
  }
  return comments
}

/** A comment as one line of a table. */
function sentence(comment: string): string {
  const text = comment.replaceAll(/\s+/g, ' ').trim().replaceAll('|', '\\|').replace(/\.$/, '')
  return text.replace(/^[a-z](?=[a-z]* )/, (first) => first.toUpperCase())
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function code(text: string): string {
  return `\`${text}\``
}

function missing(name: string): never {
  throw new Error(`Expected a comment on the setting ${name}, to document it.`)
}

function source(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

void main()
