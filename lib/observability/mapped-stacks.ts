import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module'

/** V8 writes a frame as it stands in a stack. */
interface Frame extends NodeJS.CallSite {
  toString(): string
}

/**
 * Gives stack traces the names and lines of the sources. esbuild puts it at the head of every bundle (`inject` in serverless.yml).
 * Node's `--enable-source-maps` does the same, but takes a sixth of the start of a function, for maps that hardly any needs
 * (docs/how-to/operate.md). Here the map is read when a stack is first looked at, which V8 puts off until then.
 */
Error.prepareStackTrace = (error, frames: Frame[]) => {
  const lines = frames.map((frame, n) => `\n    at ${mapped(frame, frames[n + 1])}`)
  return headOf(error) + lines.join('')
}

function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error)
  } catch {
    return '<error>' // as V8 says of an error whose name or message throws
  }
}

/** What keeps a source from being found must not hide the error: then it is the frame as it is. */
function mapped(frame: Frame, caller: Frame | undefined): string {
  try {
    const map = mapOf(frame.getFileName())
    const source = map && entryAt(map, positionOf(frame))
    if (!source) return frame.toString()
    const place = `${source.originalSource.replace(/^(\.\.\/)+/, '')}:${source.originalLine + 1}:${source.originalColumn + 1}`
    const name = nameAtFunction(frame, map) ?? nameAtCall(frame, caller, map) ?? frame.getFunctionName()
    const isAsync = frame.toString().startsWith('async ')
    return name === null ? place : `${isAsync ? 'async ' : ''}${name} (${place})`
  } catch {
    return frame.toString()
  }
}

const maps = new Map<string, SourceMap | undefined>()

function mapOf(file: string | null): SourceMap | undefined {
  if (file?.endsWith('.js') !== true) return undefined
  if (!maps.has(file)) maps.set(file, readMap(`${file}.map`))
  return maps.get(file)
}

function readMap(path: string): SourceMap | undefined {
  try {
    const map: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isSourceMap(map) ? new SourceMap(map) : undefined
  } catch {
    return undefined // not one of our bundles
  }
}

function isSourceMap(value: unknown): value is SourceMapPayload {
  return typeof value === 'object' && value !== null && 'mappings' in value
}

/** In the bundle, counted from 0 as in a source map; V8 counts from 1. */
interface Position {
  readonly line: number
  readonly column: number
}

function positionOf(frame: Frame): Position {
  return { line: (frame.getLineNumber() ?? 0) - 1, column: (frame.getColumnNumber() ?? 0) - 1 }
}

interface Entry extends SourceMapping {
  /** Of what stands there in the source, if it was shortened. */
  readonly name?: string
}

function entryAt(map: SourceMap, { line, column }: Position): Entry | undefined {
  const entry = map.findEntry(line, column)
  return 'originalSource' in entry ? entry : undefined
}

/** How far a function's name may be from where V8 says that the function begins. */
const prefixes = ['async function ', 'function ']

/** The name that a function has in the source, from where it is declared, or assigned to what it is called. */
function nameAtFunction(frame: Frame, map: SourceMap): string | undefined {
  const short = frame.getFunctionName()
  if (short === null) return undefined
  const line = frame.getEnclosingLineNumber() ?? 0
  const column = frame.getEnclosingColumnNumber() ?? 0
  const distances = [...prefixes.map(({ length }) => length), -`${short}=`.length]
  return distances
    .map((distance) => ({ line: line - 1, column: column - 1 + distance }))
    .map((position) => ({ position, entry: entryAt(map, position) }))
    .find(({ position, entry }) => entry?.name !== undefined && entry.generatedColumn === position.column)?.entry?.name
}

/** The name by which its caller calls it. */
function nameAtCall(frame: Frame, caller: Frame | undefined, map: SourceMap): string | undefined {
  if (!caller) return undefined
  const isSameFile = caller.getFileName() === frame.getFileName()
  return isSameFile ? entryAt(map, positionOf(caller))?.name : undefined
}
