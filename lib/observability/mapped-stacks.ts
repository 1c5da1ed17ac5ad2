import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module'

/** V8 formats a frame as it appears in a stack. */
interface Frame extends NodeJS.CallSite {
  toString(): string
}

/**
 * Maps stack traces to the names and lines of the sources. esbuild puts it at the start of every bundle (`inject` in
 * serverless.yml). Node's `--enable-source-maps` does the same, but takes a sixth of a function's start, for maps that
 * are rarely needed (docs/how-to/operate.md). This code reads the map when a stack is first accessed, because V8
 * formats stacks lazily.
 */
Error.prepareStackTrace = (error, frames: Frame[]) => {
  const lines = frames.map((frame, n) => `\n    at ${mapped(frame, frames[n + 1])}`)
  return headOf(error) + lines.join('')
}

function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error)
  } catch {
    return '<error>' // V8's text for an error whose name or message throws
  }
}

/** A failure to find the source must not hide the error: the frame then stays as it is. */
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

/** A position in the bundle, counted from 0 as in a source map; V8 counts from 1. */
interface Position {
  readonly line: number
  readonly column: number
}

function positionOf(frame: Frame): Position {
  return { line: (frame.getLineNumber() ?? 0) - 1, column: (frame.getColumnNumber() ?? 0) - 1 }
}

interface Entry extends SourceMapping {
  /** The original name at this position, if it was minified. */
  readonly name?: string
}

function entryAt(map: SourceMap, { line, column }: Position): Entry | undefined {
  const entry = map.findEntry(line, column)
  return 'originalSource' in entry ? entry : undefined
}

/** Text between a function's name and the position that V8 reports for the function. */
const prefixes = ['async function ', 'function ']

/** The function's name in the source, from its declaration, or from the variable that it is assigned to. */
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

/** The name that its caller uses. */
function nameAtCall(frame: Frame, caller: Frame | undefined, map: SourceMap): string | undefined {
  if (!caller) return undefined
  const isSameFile = caller.getFileName() === frame.getFileName()
  return isSameFile ? entryAt(map, positionOf(caller))?.name : undefined
}
